// extension/commit.cpp: plait.commit: events of clients, all or nothing (design 6, "By event").
//
//   read_commit_request   shape, limits, digest, clock
//   see_known             stored already, byte for byte: answered before any right is asked
//   EntityLocks           rows locked as the caller, rights of every event
//   see_known             once more, when that waited
//   write_run             parents, merge, the row as the caller, the event: in id order
//   follow_up             what triggers and defaults added, one event an entity

#include <algorithm>
#include <map>
#include <set>

#include "extension/argument.h"
#include "extension/commit_request.h"
#include "extension/entity_locks.h"
#include "extension/entity_writer.h"
#include "extension/follow_up.h"
#include "extension/key.h"
#include "extension/node.h"
#include "extension/spi.h"
#include "extension/stored_event.h"
#include "extension/under_way.h"

namespace plait {

namespace {

struct Answer {
  const RequestedEvent* requested;
  bool known = false;
};

bool is_stored_so(const RequestedEvent& requested, const StoredEvent& stored) {
  const Event& event = requested.event;
  bool same_salt = !stored.salt || stored.salt == event.salt;
  return same_salt && stored.parents == event.parents && stored.operations == event.operations &&
         node_id(stored.origin) == event.origin;
}

class Commit {
 public:
  explicit Commit(const CommitRequest& request) : request_(request) {}

  void run() {
    for (const RequestedEvent& requested : request_.events) fresh_.push_back(&requested);
    see_known();
    EntityLocks locks = lock_entities();
    begin_commit();
    for (std::size_t from = 0; from < fresh_.size();) {
      std::size_t to = from + 1;
      while (to < fresh_.size() && fresh_[to]->entity() == fresh_[from]->entity() &&
             fresh_[to]->collection == fresh_[from]->collection)
        ++to;
      std::span<const RequestedEvent* const> events(fresh_.data() + from, to - from);
      write_run(events, locks);
      written_.emplace(fresh_[from]->collection->number, fresh_[from]->entity());
      from = to;
    }
    settle_constraints();
    end_commit();
    followed_up_ = follow_up(expectations_);
  }

  std::string answer() {
    std::ranges::sort(known_);
    Json answer = Json::object();
    Json events = Json::array();
    for (const EventId& id : request_.order) events.push(answer_of(id));
    answer.set("events", std::move(events));
    Json follow_ups = Json::array();
    for (const FollowUp& follow : followed_up_) {
      if (!is_told(*follow.collection, follow.entity)) continue;
      Json json = Json::object();
      json.set("id", Json::string(to_text(follow.event)));
      json.set("collection", Json::string(follow.collection->name));
      json.set("entity", Json::string(to_text(follow.entity)));
      follow_ups.push(std::move(json));
    }
    answer.set("follow_ups", std::move(follow_ups));
    std::uint64_t xid = pg([] { return U64FromFullTransactionId(GetTopFullTransactionId()); });
    answer.set("xid", Json::string(std::to_string(xid)));
    return to_text(answer);
  }

 private:
  // Of the fresh ones: which are stored already.
  void see_known() {
    std::erase_if(fresh_, [&](const RequestedEvent* requested) {
      int collection = requested->collection->number;
      const EventId& id = requested->event.id;
      if (!is_stored(collection, requested->entity(), id)) return false;
      auto stored = read_event(collection, requested->entity(), id, SnapshotSelf);
      if (stored && is_stored_so(*requested, *stored))
        known_.push_back(id);
      else
        conflicts_.push_back(requested);
      return true;
    });
  }

  // An id that is taken by other content is told only after the rights were asked.
  EntityLocks lock_entities() {
    EntityLocks locks;
    for (const RequestedEvent* requested : fresh_) locks.add(*requested);
    for (const RequestedEvent* requested : conflicts_) locks.add(*requested);
    locks.acquire();
    // The same events may have been on their way twice: the other one was first.
    if (locks.has_waited()) see_known();
    if (!conflicts_.empty())
      refuse(Code::id_conflict,
             "the id " + to_text(conflicts_.front()->event.id) + " is an event with other content",
             conflicts_.front()->where("/id"), "Stamp the event again.");
    return locks;
  }

  static std::string named(const char* schema, const char* constraint) {
    return std::string(schema) + "." + constraint;
  }

  // By which Postgres tells that a key is taken: of a partitioned table each leaf's own name.
  // Looked up before anything is written, for after an error the catalogue cannot be read.
  const std::set<std::string>& names_of_key(const Collection& collection) {
    auto [found, is_new] = key_names_.try_emplace(collection.number);
    if (!is_new) return found->second;
    List* indexes = pg([&] {
      Oid key = primary_key_of(collection);
      return get_rel_relkind(key) == RELKIND_PARTITIONED_INDEX
                 ? find_all_inheritors(key, NoLock, nullptr)
                 : list_make1_oid(key);
    });
    for (int i = 0; i < list_length(indexes); ++i) {
      Oid index = list_nth_oid(indexes, i);
      const char* schema = pg([&] { return get_namespace_name(get_rel_namespace(index)); });
      const char* name = pg([&] { return get_rel_name(index); });
      found->second.insert(named(schema, name));
    }
    return found->second;
  }

  void write_run(std::span<const RequestedEvent* const> events, EntityLocks& locks) {
    const RequestedEvent& first = *events.front();
    const std::set<std::string>* key_names =
        first.event.is_genesis() ? &names_of_key(*first.collection) : nullptr;
    try {
      EntityWriter writer(*first.collection, first.entity(), locks);
      writer.write(events, expectations_);
    } catch (const PgError& error) {
      // A create that lost the race for its key; all else as it is, with its place.
      const ErrorData& data = error.data();
      bool is_taken = key_names != nullptr && data.sqlerrcode == ERRCODE_UNIQUE_VIOLATION &&
                      data.constraint_name != nullptr &&
                      key_names->contains(named(data.schema_name, data.constraint_name));
      if (is_taken) refuse_key_taken(first);
      rethrow_at(error, place_of(events));
    }
  }

  // Neighbours of one entity are one write of its row, which Postgres judges as a whole.
  static std::string place_of(std::span<const RequestedEvent* const> events) {
    std::string place = events.front()->where();
    for (const RequestedEvent* other : events.subspan(1))
      place += (other == events[1] ? " · one row with: " : ", ") + other->where();
    return place;
  }

  // A deferred constraint belongs to the whole commit: it is judged before the answer.
  void settle_constraints() {
    try {
      run_sql("SET CONSTRAINTS ALL IMMEDIATE");
    } catch (const PgError& error) {
      rethrow_at(error, "/events");
    }
  }

  // What became of an entity is for who wrote on it, or sees it. Known events prove neither, nor do
  // changes that triggers made elsewhere.
  bool is_told(const Collection& collection, const EntityId& entity) {
    return written_.contains({collection.number, entity}) || sees_entity(collection, entity);
  }

  Json answer_of(const EventId& id) {
    auto requested = std::ranges::lower_bound(request_.events, id, {},
                                              [](const RequestedEvent& r) { return r.event.id; });
    bool known = std::ranges::binary_search(known_, id);
    EntityPosition position;
    if (is_told(*requested->collection, requested->entity()))
      position = position_of(*requested->collection, requested->entity());
    Json json = Json::object();
    json.set("id", Json::string(to_text(id)));
    json.set("status", Json::string(known ? "known" : "accepted"));
    json.set("entity", Json::string(to_text(requested->entity())));
    json.set("key", position.key.empty() ? Json::null() : Json::string(key_argument(position.key)));
    Json head = Json::array();
    for (const EventId& event : position.head) head.push(Json::string(to_text(event)));
    json.set("head", std::move(head));
    return json;
  }

  const CommitRequest& request_;
  std::vector<const RequestedEvent*> fresh_;
  std::vector<const RequestedEvent*> conflicts_;
  std::vector<EventId> known_;
  std::set<std::pair<int, EntityId>> written_;  // the entities of the fresh ones
  Expectations expectations_;
  std::vector<FollowUp> followed_up_;
  std::map<int, std::set<std::string>> key_names_;
};

// Runs `work` with plait.context set to the request's, if it has one.
template <typename Work>
void with_context(const Json& context, Work work) {
  if (context.is_null()) return work();
  std::string text = to_text(context);
  int level = pg([&] {
    int nest = NewGUCNestLevel();
    set_config_option("plait.context", text.c_str(), PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
                      true, 0, false);
    return nest;
  });
  work();
  pg([&] { AtEOXact_GUC(true, level); });
}

}  // namespace

// plait.commit(events jsonb) -> jsonb
PLAIT_FUNCTION(plait_commit) {
  const char* text = pg([&] {
    Jsonb* jsonb = PG_GETARG_JSONB_P(0);
    return JsonbToCString(nullptr, &jsonb->root, VARSIZE(jsonb));
  });
  CommitRequest request = read_commit_request(text);
  Commit commit(request);
  with_context(request.context, [&] { commit.run(); });
  return jsonb_datum(commit.answer());
}

}  // namespace plait
