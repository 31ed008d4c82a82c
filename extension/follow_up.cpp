// extension/follow_up.cpp: what triggers, defaults and sequences added to a commit.

#include "extension/follow_up.h"

#include "extension/recorder.h"
#include "extension/under_way.h"

namespace plait {

namespace {

const Expectation* expectation_of(const Expectations& expectations, int collection,
                                  const NetChange& change) {
  for (const auto& [name, expectation] : expectations) {
    if (name.first != collection) continue;
    bool is_it = change.before != nullptr
                     ? expectation.first_key == change.key_before
                     : expectation.first_key.empty() && expectation.last_key == change.key_after;
    if (is_it) return &expectation;
  }
  return nullptr;
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
      comparisons.push_back({expected != nullptr ? expected->image : change.before,
                             change.after_key, expected != nullptr});
    }
    Recorder recorder(*collection);
    record_comparisons(*collection, comparisons, recorder);
    for (const Author::Written& one : recorder.written())
      written.push_back({collection, one.entity, one.event});
  }
  return written;
}

}  // namespace plait
