// core/tests/drawn_text.h: histories of one text for tests: by name, or what random replicas write;
// and a store that brings a late event to a text as the extension does.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/dag/stretch.h"
#include "core/merge/live_text.h"
#include "core/merge/text_event.h"
#include "core/tests/drawn_dag.h"
#include "core/tests/naive_text.h"
#include "core/tests/random.h"

namespace plait {

struct DrawnEdit {
  std::size_t position;
  std::size_t deleted;
  std::string inserted;
};

// Owns events and what they view.
class DrawnTexts {
 public:
  DrawnTexts() = default;
  DrawnTexts(const DrawnTexts&) = delete;
  DrawnTexts& operator=(const DrawnTexts&) = delete;

  const TextEvent& edit(const EventId& id, std::vector<EventId> parents,
                        std::vector<DrawnEdit> edits) {
    Owned& owned = own(id, std::move(parents));
    owned.drawn = std::move(edits);
    for (const DrawnEdit& edit : owned.drawn) {
      owned.edits.push_back({edit.position, edit.deleted, edit.inserted});
    }
    events_.back().change = {TextChange::Kind::edit, owned.edits, {}};
    return events_.back();
  }
  const TextEvent& set(const EventId& id, std::vector<EventId> parents, std::string text) {
    Owned& owned = own(id, std::move(parents));
    owned.text = std::move(text);
    events_.back().change = {TextChange::Kind::set, {}, owned.text};
    return events_.back();
  }
  const TextEvent& nothing(const EventId& id, std::vector<EventId> parents) {
    own(id, std::move(parents));
    return events_.back();
  }

  const std::deque<TextEvent>& events() const { return events_; }

  // An order of arrival: parents first, else at random.
  std::vector<TextEvent> arrival(Random& random) const {
    std::map<EventId, std::vector<const TextEvent*>> children;
    std::map<EventId, std::size_t> waits;
    std::vector<const TextEvent*> ready;
    for (const TextEvent& event : events_) {
      waits[event.id] = event.parents.size();
      if (event.parents.empty()) ready.push_back(&event);
      for (const EventId& parent : event.parents) children[parent].push_back(&event);
    }
    std::vector<TextEvent> order;
    while (!ready.empty()) {
      std::swap(ready[random.below(ready.size())], ready.back());
      const TextEvent* next = ready.back();
      ready.pop_back();
      order.push_back(*next);
      for (const TextEvent* child : children[next->id]) {
        if (--waits[child->id] == 0) ready.push_back(child);
      }
    }
    return order;
  }

  std::string drawing() const {
    std::map<EventId, std::string> names;
    std::string text;
    for (const TextEvent& event : events_) {
      names[event.id] = std::to_string(names.size());
      text += names[event.id] + "@" + std::to_string(event.id.hlc()) + "(";
      for (const EventId& parent : event.parents) text += names[parent] + " ";
      text += ")";
      if (event.change.kind == TextChange::Kind::set) {
        text += " set \"" + std::string(event.change.text) + "\"";
      }
      for (const TextEdit& edit : event.change.edits) {
        text += " [" + std::to_string(edit.position) + "," + std::to_string(edit.deleted) + ",\"" +
                std::string(edit.inserted) + "\"]";
      }
      text += "\n";
    }
    return text;
  }

 private:
  struct Owned {
    std::vector<EventId> parents;
    std::vector<DrawnEdit> drawn;
    std::vector<TextEdit> edits;
    std::string text;
  };
  Owned& own(const EventId& id, std::vector<EventId> parents) {
    Owned& owned = owned_.emplace_back();
    owned.parents = std::move(parents);
    events_.push_back({id, owned.parents, {}});
    return owned;
  }

  std::deque<Owned> owned_;
  std::deque<TextEvent> events_;
};

// What has arrived so far, and the text that it makes.
class TextStore {
 public:
  void store(const TextEvent& event) {
    if (stored_.emplace(event.id, event).second) {
      head_ = advance(head_, event.id, event.parents);
    }
  }
  bool has(const EventId& event) const { return stored_.contains(event); }
  const Head& head() const { return head_; }

  // The stored events since the last critical version before the fresh ones.
  std::vector<TextEvent> since(std::span<const TextEvent> fresh) const {
    std::vector<Links> links;
    for (const TextEvent& event : fresh) links.push_back(links_of(event));
    Stretch stretch(head_, links, Budget{1'000'000});
    while (!stretch.wanted().empty()) {
      std::vector<Links> answer;
      for (const EventId& id : stretch.wanted()) answer.push_back(links_of(stored_.at(id)));
      EXPECT_TRUE(stretch.give(std::move(answer)));
    }
    std::vector<TextEvent> events;
    for (const EventId& id : stretch.newest_first()) events.push_back(stored_.at(id));
    return events;
  }

 private:
  static Links links_of(const TextEvent& event) {
    return {event.id, {event.parents.begin(), event.parents.end()}};
  }
  std::map<EventId, TextEvent> stored_;
  Head head_;
};

// Characters of one to four bytes; combining marks and joiners are code points like others.
inline std::string random_text(Random& random, std::size_t length) {
  static const std::vector<std::string> characters = {"a", "b",      "c",      "d",  "x", "y", "\n",
                                                      "é", "\u0301", "\u200d", "界", "😀", "👩", "𝄞"};
  std::string text;
  while (length-- > 0) text += random.pick(characters);
  return text;
}

struct Writing {
  std::size_t events = 20;
  std::size_t replicas = 3;
  int sync_percent = 30;  // of the steps: a replica gets all that another has
  int set_percent = 4;    // of the events
  int near_percent = 70;  // of the edits: where the replica's last one was
  std::size_t inserted_max = 4;
};

// Replicas that write offline and meet at times. Ids of concurrent events come in any order.
inline void write_at_random(Random& random, const Writing& writing, DrawnTexts& texts,
                            NaiveText& naive) {
  struct Replica {
    Head head;
    std::size_t cursor = 0;
  };
  std::vector<Replica> replicas(writing.replicas);
  auto new_id = [&](const Head& parents) {
    std::uint64_t hlc = 0;
    for (const EventId& parent : parents) hlc = std::max(hlc, parent.hlc());
    return EventId(make_ulid(hlc + 1 + random.below(12), random.next()));
  };
  auto add = [&](const TextEvent& event) { naive.add(event); };
  while (texts.events().size() < writing.events) {
    Replica& replica = replicas[random.below(replicas.size())];
    if (random.chance(writing.sync_percent)) {
      const Replica& other = replicas[random.below(replicas.size())];
      // The heads of both that the other does not cover.
      Head joined;
      NaiveText::Version mine = naive.version_of(replica.head);
      NaiveText::Version theirs = naive.version_of(other.head);
      for (const EventId& id : replica.head) {
        if (!theirs.contains(id)) joined.push_back(id);
      }
      for (const EventId& id : other.head) {
        if (!mine.contains(id) || std::ranges::find(replica.head, id) != replica.head.end()) {
          joined.push_back(id);
        }
      }
      replica.head = sorted_head(joined);
      continue;
    }
    if (replica.head.empty() && !texts.events().empty()) {
      replica.head = {texts.events().front().id};  // one genesis
    }
    EventId id = new_id(replica.head);
    std::vector<EventId> parents = replica.head;
    if (!parents.empty() && random.chance(5)) {  // redundant, as hostile clients have them
      const auto& seen = naive.version_of(replica.head);
      EventId old =
          *std::next(seen.begin(), static_cast<std::ptrdiff_t>(random.below(seen.size())));
      if (std::ranges::find(parents, old) == parents.end()) parents.push_back(old);
    }
    replica.head = {id};
    std::size_t length = naive.length(naive.version_of(parents));
    if (random.chance(8)) {
      add(texts.nothing(id, parents));
      continue;
    }
    if (random.chance(writing.set_percent)) {
      add(texts.set(id, parents, random_text(random, random.below(6))));
      continue;
    }
    std::vector<DrawnEdit> edits;
    for (std::size_t n = 1 + (random.chance(25) ? random.below(3) : 0); n > 0; --n) {
      DrawnEdit edit{random.below(length + 1), 0, {}};
      if (random.chance(writing.near_percent)) edit.position = std::min(length, replica.cursor);
      if (random.chance(35)) {
        edit.deleted = std::min(length - edit.position, random.below(5));
      }
      std::size_t inserted = random.below(writing.inserted_max + 1);
      edit.inserted = random_text(random, inserted);
      length += inserted - edit.deleted;
      // Forwards, or backwards.
      replica.cursor = edit.position + (random.chance(60) ? inserted : 0);
      edits.push_back(std::move(edit));
    }
    add(texts.edit(id, parents, std::move(edits)));
  }
}

}  // namespace plait
