// extension/follow_up.cpp: what triggers, defaults and sequences added to a commit.

#include "extension/follow_up.h"

#include "extension/recorder.h"
#include "extension/row.h"
#include "extension/under_way.h"

namespace plait {

namespace {

bool is_of(const NetChange& change, const Expectation& expectation) {
  if (change.before != nullptr) return expectation.first_key == change.key_before;
  return expectation.first_key.empty() && expectation.born_key == change.key_born;
}

const Expectation* expectation_of(const Expectations& expectations, int collection,
                                  const NetChange& change) {
  const Expectation* found = nullptr;
  for (const auto& [name, expectation] : expectations) {
    if (name.first != collection || !is_of(change, expectation)) continue;
    // Of two that came under one key, one after the other, the one that is there now.
    if (found == nullptr || expectation.last_key == change.key_after) found = &expectation;
  }
  return found;
}

// The image that a commit's events say, under the key that their entity has.
HeapTuple expected_image(const Collection& collection, const Expectation& expected) {
  if (expected.image == nullptr) return nullptr;
  RowValues key;
  Json values = or_refuse(parse_json(expected.last_key));
  for (std::size_t i = 0; i < collection.key.size(); ++i)
    key.emplace(collection.properties[static_cast<std::size_t>(collection.key[i])].name,
                values.as_array()[i]);
  return row_image(collection, expected.image, key);
}

// A net change with what it is to be compared against.
struct Comparison {
  HeapTuple before;  // NULL: nothing
  HeapTuple now_by;  // an image that holds the key of the row as it is now; NULL: there is none
  bool is_expected;
};

void record_comparisons(const Collection& collection, const std::vector<Comparison>& comparisons,
                        Recorder& recorder) {
  RowFinder finder;
  pg([&] {
    Relation relation = relation_open(collection.relation, AccessShareLock);
    recorder.open(relation);
    finder.open(collection, relation);
    TupleTableSlot* before = MakeSingleTupleTableSlot(RelationGetDescr(relation), &TTSOpsHeapTuple);
    for (const Comparison& comparison : comparisons) {
      bool exists = comparison.now_by != nullptr && finder.find(comparison.now_by);
      bool had = comparison.before != nullptr;
      if (had) ExecStoreHeapTuple(comparison.before, before, false);
      if (had && exists && comparison.is_expected)
        recorder.record_on_top(before, finder.row());
      else if (had || exists)
        recorder.record(had ? before : nullptr, exists ? finder.row() : nullptr);
    }
    ExecDropSingleTupleTableSlot(before);
    finder.close();
    recorder.close();
    relation_close(relation, NoLock);
  });
}

}  // namespace

std::vector<FollowUp> follow_up(const Expectations& expectations) {
  std::vector<FollowUp> written;
  for (Oid relation : noted_relations()) {
    CollectionRef collection = collection_of(relation);
    std::vector<NetChange> changes = take_changes(relation);
    std::vector<Comparison> comparisons;
    for (const NetChange& change : changes) {
      const Expectation* expected = expectation_of(expectations, collection->number, change);
      if (expected == nullptr)
        comparisons.push_back({change.before, change.after_key, false});
      else if (change.key_after == expected->last_key)
        comparisons.push_back({expected->image, change.after_key, true});
      else  // a trigger moved it after the commit's own write
        comparisons.push_back({expected_image(*collection, *expected), change.after_key, false});
    }
    std::vector<Author::Written> events;
    Recorder recorder(*collection, &events);
    record_comparisons(*collection, comparisons, recorder);
    for (const Author::Written& one : events)
      written.push_back({collection, one.entity, one.event});
  }
  return written;
}

}  // namespace plait
