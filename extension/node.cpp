// extension/node.cpp: who this database is, in which life, and the numbers of all who write.

#include "extension/node.h"

#include <cstring>
#include <unordered_map>

#include "core/event/hlc.h"
#include "core/event/json.h"
#include "core/event/sha256.h"
#include "extension/columns.h"
#include "extension/random.h"
#include "extension/relocate.h"
#include "extension/table.h"

namespace plait {

namespace {

// What this backend has found. A rollback may take rows away that it has just numbered, so an abort
// forgets everything, and so does PREPARE TRANSACTION: its outcome nobody tells this backend.
struct Known {
  Oid node_table = InvalidOid;  // another one after DROP and CREATE EXTENSION
  std::optional<OwnNode> own;
  std::unordered_map<NodeId, int> node_numbers;
  std::unordered_map<std::string, int> actor_numbers;
  // Who wrote last; roles by OID, as long as none is renamed.
  struct LastActor {
    Oid session_user = InvalidOid;
    Oid current_user = InvalidOid;
    std::string claims;
    int number = 0;
  } last_actor;

  void forget() { *this = Known{}; }
};

std::uint64_t role_changes = 0;

Known& known() {
  static auto* instance = new Known;
  return *instance;
}

void on_transaction_end(XactEvent event, void*) {
  if (event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE) known().forget();
}

void on_subtransaction_end(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
  if (event == SUBXACT_EVENT_ABORT_SUB) known().forget();
}

// May run at any moment inside Postgres: marks, frees nothing.
void on_role_change(Datum, int, std::uint32_t) {
  known().last_actor.number = 0;
  ++role_changes;
}

// Of the rows of plait.node that are lives of this database, the one of the greatest era.
struct LifeRow {
  OwnNode node;
  std::uint64_t system;
  Oid database;
  Oid installed;
  bool found;
};

LifeRow newest_life() {
  LifeRow newest{};
  Relation relation = table_open(plait_relation("node"), AccessShareLock);
  TupleTableSlot* slot = table_slot_create(relation, nullptr);
  TableScanDesc scan = table_beginscan(relation, SnapshotSelf, 0, nullptr);
  while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
    bool is_null;
    Datum era = slot_getattr(slot, node_row_era, &is_null);
    if (is_null || (newest.found && DatumGetInt16(era) <= newest.node.era)) continue;
    newest.found = true;
    newest.node.era = DatumGetInt16(era);
    newest.node.number = DatumGetInt32(slot_getattr(slot, node_row_number, &is_null));
    newest.node.id = NodeId(datum_ulid(slot_getattr(slot, node_row_id, &is_null)));
    newest.system =
        static_cast<std::uint64_t>(DatumGetInt64(slot_getattr(slot, node_row_system, &is_null)));
    newest.database = DatumGetObjectId(slot_getattr(slot, node_row_database, &is_null));
    newest.installed = RelationGetRelid(relation);
    if (RelationGetNumberOfAttributes(relation) >= node_row_installed) {
      Datum installed = slot_getattr(slot, node_row_installed, &is_null);
      newest.installed = is_null ? InvalidOid : DatumGetObjectId(installed);
    }
  }
  table_endscan(scan);
  ExecDropSingleTupleTableSlot(slot);
  table_close(relation, AccessShareLock);
  return newest;
}

bool is_present(const LifeRow& life) {
  return life.found && life.system == GetSystemIdentifier() && life.database == MyDatabaseId &&
         life.installed == plait_relation("node");
}

void insert_node(int number, const NodeId& id, const std::int16_t* era) {
  Table table = open_table("node", RowExclusiveLock);
  Datum values[node_row_installed] = {Int32GetDatum(number), ulid_datum(id)};
  bool nulls[node_row_installed] = {};
  nulls[node_row_era - 1] = nulls[node_row_system - 1] = nulls[node_row_database - 1] =
      nulls[node_row_installed - 1] = era == nullptr;
  if (era != nullptr) {
    values[node_row_era - 1] = Int16GetDatum(*era);
    values[node_row_system - 1] = Int64GetDatum(static_cast<std::int64_t>(GetSystemIdentifier()));
    values[node_row_database - 1] = ObjectIdGetDatum(MyDatabaseId);
    values[node_row_installed - 1] = ObjectIdGetDatum(RelationGetRelid(table.relation));
  }
  values[node_row_since - 1] = TimestampTzGetDatum(GetCurrentTimestamp());
  insert_row(table, values, nulls);
  close_table(table);
}

// Raises the era, once: whoever comes second waits for the lock and finds the life begun.
OwnNode begin_life() {
  LockRelationOid(plait_relation("node"), ShareRowExclusiveLock);
  LifeRow life = newest_life();
  if (is_present(life)) return life.node;
  OwnNode own{};
  own.number = static_cast<int>(nextval_internal(plait_relation("node_number"), false));
  own.era = static_cast<std::int16_t>(life.found ? life.node.era + 1 : 1);
  own.id = NodeId(make_ulid(now_hlc(), random_word()));
  insert_node(own.number, own.id, &own.era);
  CommandCounterIncrement();
  relocate_catalogue();
  return own;
}

// Of the rows of plait.node or plait.actor that have this value in an indexed column the first
// one's number.
static_assert(int{node_row_number} == int{actor_row_number},
              "the number is the first column of both");
int number_found(const char* table_name, int column, Datum value) {
  Table table = open_table(table_name, AccessShareLock);
  Probe probe = open_probe(table, index_over(table, {column}), 1, SnapshotSelf);
  set_probe(probe, &value);
  int number = 0;
  bool is_null;
  if (next_row(probe, ForwardScanDirection))
    number = DatumGetInt32(slot_getattr(probe.slot, node_row_number, &is_null));
  close_probe(probe);
  close_table(table);
  return number;
}

// The setting in which PostgREST and its like say for whom a statement runs; NULL when unset.
const char* present_claims() {
  return pg([] { return GetConfigOption("request.jwt.claims", true, false); });
}

struct Identities {
  const char* session_user_name;
  const char* current_user_name;
  const char* claims;  // NULL when unset
};

Identities present_identities(const char* claims) {
  return pg([&] {
    return Identities{GetUserNameFromId(GetSessionUserId(), false),
                      GetUserNameFromId(GetUserId(), false), claims};
  });
}

// The `sub` of the claims, JSON null without one.
Json subject_of(const char* claims) {
  if (claims == nullptr || *claims == '\0') return Json::null();
  auto json = parse_json(claims);
  if (!json) return Json::null();
  const Json* subject = json->find("sub");
  return subject != nullptr && subject->is_string() ? *subject : Json::null();
}

void insert_actor(int number, const Ulid& hash, const Identities& who, const char* subject) {
  Table table = open_table("actor", RowExclusiveLock);
  Datum values[actor_row_subject] = {Int32GetDatum(number), ulid_datum(hash),
                                     CStringGetTextDatum(who.session_user_name),
                                     CStringGetTextDatum(who.current_user_name)};
  bool nulls[actor_row_subject] = {false, false, false, false, subject == nullptr};
  if (subject != nullptr) values[actor_row_subject - 1] = CStringGetTextDatum(subject);
  insert_row(table, values, nulls);
  close_table(table);
}

void forget_if_reinstalled() {
  Oid table = pg([] { return plait_relation("node"); });
  if (known().node_table == table) return;
  known().forget();
  known().node_table = table;
}

}  // namespace

bool life_is_present() { return is_present(newest_life()); }

std::optional<OwnNode> known_own_node() {
  forget_if_reinstalled();
  if (known().own) return known().own;
  LifeRow life = pg([] { return newest_life(); });
  if (!is_present(life)) return std::nullopt;
  known().own = life.node;
  return life.node;
}

OwnNode own_node() {
  if (auto own = known_own_node()) return *own;
  OwnNode own = pg([] { return begin_life(); });
  known().own = own;
  return own;
}

int node_number(const NodeId& id) {
  forget_if_reinstalled();
  auto found = known().node_numbers.find(id);
  if (found != known().node_numbers.end()) return found->second;
  int number = pg([&] {
    int stored = number_found("node", node_row_id, ulid_datum(id));
    if (stored != 0) return stored;
    int fresh = static_cast<int>(nextval_internal(plait_relation("node_number"), false));
    insert_node(fresh, id, nullptr);
    return fresh;
  });
  known().node_numbers.emplace(id, number);
  return number;
}

NodeId node_id(int number) {
  return pg([&] {
    Table table = open_table("node", AccessShareLock);
    Probe probe = open_probe(table, 0, 1, SnapshotSelf);
    Datum key = Int32GetDatum(number);
    set_probe(probe, &key);
    NodeId id;
    bool is_null;
    if (next_row(probe, ForwardScanDirection))
      id = NodeId(datum_ulid(slot_getattr(probe.slot, node_row_id, &is_null)));
    close_probe(probe);
    close_table(table);
    return id;
  });
}

namespace {

int number_of_actor(const char* claims) {
  Identities who = present_identities(claims);
  std::string name = std::string(who.session_user_name) + '\n' + who.current_user_name + '\n' +
                     (who.claims == nullptr ? "" : who.claims);
  auto found = known().actor_numbers.find(name);
  if (found != known().actor_numbers.end()) return found->second;
  Json subject = subject_of(who.claims);
  Json identity = Json::array();
  identity.push(Json::string(who.session_user_name));
  identity.push(Json::string(who.current_user_name));
  identity.push(subject);
  Sha256Digest digest = sha256(to_text(identity));
  Ulid hash;
  std::memcpy(hash.bytes.data(), digest.data(), hash.bytes.size());
  const char* subject_text = subject.is_string() ? subject.as_string().c_str() : nullptr;
  int number = pg([&] {
    int stored = number_found("actor", actor_row_hash, ulid_datum(hash));
    if (stored != 0) return stored;
    int fresh = static_cast<int>(nextval_internal(plait_relation("actor_number"), false));
    insert_actor(fresh, hash, who, subject_text);
    return fresh;
  });
  known().actor_numbers.emplace(std::move(name), number);
  return number;
}

}  // namespace

int actor_number() {
  forget_if_reinstalled();
  const char* claims = present_claims();
  std::string_view claims_text = claims == nullptr ? "" : claims;
  Known::LastActor& last = known().last_actor;
  bool same = last.number != 0 && last.session_user == GetSessionUserId() &&
              last.current_user == GetUserId() && last.claims == claims_text;
  if (same) return last.number;
  std::uint64_t changes = role_changes;
  int number = number_of_actor(claims);
  if (role_changes == changes)
    known().last_actor = {GetSessionUserId(), GetUserId(), std::string(claims_text), number};
  return number;
}

std::string actor_json(int number) {
  struct Row {
    char* session_user_name;
    char* current_user_name;
    char* subject;
  };
  Row row = pg([&] {
    Table table = open_table("actor", AccessShareLock);
    Probe probe = open_probe(table, 0, 1, SnapshotSelf);
    Datum key = Int32GetDatum(number);
    set_probe(probe, &key);
    Row found{};
    bool is_null;
    if (next_row(probe, ForwardScanDirection)) {
      found.session_user_name =
          TextDatumGetCString(slot_getattr(probe.slot, actor_row_session_user, &is_null));
      found.current_user_name =
          TextDatumGetCString(slot_getattr(probe.slot, actor_row_current_user, &is_null));
      Datum subject = slot_getattr(probe.slot, actor_row_subject, &is_null);
      found.subject = is_null ? nullptr : TextDatumGetCString(subject);
    }
    close_probe(probe);
    close_table(table);
    return found;
  });
  Json json = Json::object();
  if (row.session_user_name != nullptr) {
    json.set("session_user", Json::string(row.session_user_name));
    json.set("current_user", Json::string(row.current_user_name));
  }
  if (row.subject != nullptr) json.set("subject", Json::string(row.subject));
  return to_text(json);
}

void watch_nodes() {
  RegisterXactCallback(on_transaction_end, nullptr);
  RegisterSubXactCallback(on_subtransaction_end, nullptr);
  CacheRegisterSyscacheCallback(AUTHOID, on_role_change, static_cast<Datum>(0));
}

}  // namespace plait
