// extension/under_way.cpp: statements that have begun and not ended, and what was changed
// meanwhile.

#include "extension/under_way.h"

#include <algorithm>
#include <map>

namespace plait {

namespace {

struct Statement {
  Oid relation;
  TriggerEvent event;
  int sequence;
  int level;  // of the subtransaction that it belongs to
};

struct Change {
  Oid relation;
  int sequence;
  int level;
  HeapTuple before;
  std::string key_before;
  HeapTuple after;
  std::string key_after;
};

struct State {
  std::vector<Statement> statements;
  std::vector<Change> changes;
  int next_sequence = 1;
  int commit_level = 0;  // 0: no commit is under way
};

State& state() {
  static auto* instance = new State;
  return *instance;
}

void on_transaction_end(XactEvent event, void*) {
  if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
    state() = State{};
}

// An aborted subtransaction takes its notes along; a committed one leaves them to its parent.
void on_subtransaction_end(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
  int level = GetCurrentTransactionNestLevel();
  State& now = state();
  if (event == SUBXACT_EVENT_ABORT_SUB) {
    std::erase_if(now.statements, [&](const Statement& s) { return s.level >= level; });
    std::erase_if(now.changes, [&](const Change& c) { return c.level >= level; });
    if (now.commit_level >= level) now.commit_level = 0;
  } else if (event == SUBXACT_EVENT_COMMIT_SUB) {
    for (Statement& statement : now.statements)
      statement.level = std::min(statement.level, level - 1);
    for (Change& change : now.changes) change.level = std::min(change.level, level - 1);
    now.commit_level = std::min(now.commit_level, level - 1);
  }
}

HeapTuple keep(HeapTuple tuple) {
  if (tuple == nullptr) return nullptr;
  return pg([&] {
    MemoryContext outer = MemoryContextSwitchTo(TopTransactionContext);
    HeapTuple copy = heap_copytuple(tuple);
    MemoryContextSwitchTo(outer);
    return copy;
  });
}

// Rows by the key that they had last, while the changes are composed.
class Composition {
 public:
  // All changes of one statement: they happen at once, so every old key is left before one is
  // taken.
  void add(const std::vector<const Change*>& statement) {
    std::vector<Row> moving;
    for (const Change* change : statement) moving.push_back(leave(*change));
    for (std::size_t i = 0; i < statement.size(); ++i) arrive(*statement[i], std::move(moving[i]));
  }

  std::vector<NetChange> finish() {
    for (auto& [key, row] : rows_) finished_.push_back(std::move(row.change));
    return std::move(finished_);
  }

 private:
  struct Row {
    NetChange change;
    bool gone = false;
  };

  Row leave(const Change& change) {
    if (change.before == nullptr) return Row{};
    auto row = rows_.extract(change.key_before);
    if (!row.empty() && !row.mapped().gone) return std::move(row.mapped());
    if (!row.empty()) finished_.push_back(std::move(row.mapped().change));
    return Row{{change.before, change.key_before, nullptr, "", ""}, false};
  }

  void arrive(const Change& change, Row row) {
    row.gone = change.after == nullptr;
    const std::string& key = row.gone ? change.key_before : change.key_after;
    // A gone row's last image stays: a statement may have deleted and inserted its key in one.
    row.change.after_key = row.gone ? change.before : change.after;
    row.change.key_after = change.key_after;
    if (change.before == nullptr) row.change.key_born = change.key_after;
    auto resting = rows_.find(key);
    if (resting == rows_.end()) {
      rows_.emplace(key, std::move(row));
      return;
    }
    // A key that is inserted again is the gone row restored; one that another row moves to is not.
    if (row.change.before == nullptr) {
      row.change.before = resting->second.change.before;
      row.change.key_before = resting->second.change.key_before;
    } else {
      resting->second.change.after_key = nullptr;  // its key is another row's now
      finished_.push_back(std::move(resting->second.change));
    }
    resting->second = std::move(row);
  }

  std::map<std::string, Row> rows_;
  std::vector<NetChange> finished_;
};

}  // namespace

void begin_statement(Oid relation, TriggerEvent event) {
  State& now = state();
  now.statements.push_back(
      {relation, event, now.next_sequence++, GetCurrentTransactionNestLevel()});
}

int end_statement(Oid relation, TriggerEvent event) {
  auto& statements = state().statements;
  for (auto statement = statements.rbegin(); statement != statements.rend(); ++statement) {
    if (statement->relation != relation || statement->event != event) continue;
    int sequence = statement->sequence;
    statements.erase(std::next(statement).base());
    return sequence;
  }
  return state().next_sequence++;  // tracked in the middle of its own statement
}

bool is_under_way(Oid relation) {
  const State& now = state();
  if (now.commit_level > 0) return true;
  return std::ranges::any_of(now.statements,
                             [&](const Statement& s) { return s.relation == relation; });
}

bool has_notes(Oid relation) {
  return std::ranges::any_of(state().changes,
                             [&](const Change& c) { return c.relation == relation; });
}

void note_change(Oid relation, int sequence, HeapTuple before, std::string key_before,
                 HeapTuple after, std::string key_after) {
  HeapTuple kept_before = keep(before);
  HeapTuple kept_after = keep(after);
  state().changes.push_back({relation, sequence, GetCurrentTransactionNestLevel(), kept_before,
                             std::move(key_before), kept_after, std::move(key_after)});
}

std::size_t notes() { return state().changes.size(); }

std::string key_noted_after(Oid relation, std::size_t from, const std::string& key) {
  const Change* outermost = nullptr;
  const auto& changes = state().changes;
  for (std::size_t i = from; i < changes.size(); ++i) {
    const Change& change = changes[i];
    if (change.relation != relation || change.key_before != key) continue;
    if (outermost == nullptr || change.sequence < outermost->sequence) outermost = &change;
  }
  return outermost == nullptr ? "" : outermost->key_after;
}

std::vector<NetChange> take_changes(Oid relation) {
  auto& changes = state().changes;
  auto taken_from = std::stable_partition(changes.begin(), changes.end(),
                                          [&](const Change& c) { return c.relation != relation; });
  std::vector<Change> taken(std::make_move_iterator(taken_from),
                            std::make_move_iterator(changes.end()));
  changes.erase(taken_from, changes.end());
  std::ranges::stable_sort(taken, {}, &Change::sequence);
  Composition composition;
  for (std::size_t from = 0; from < taken.size();) {
    std::vector<const Change*> statement;
    int sequence = taken[from].sequence;
    for (; from < taken.size() && taken[from].sequence == sequence; ++from)
      statement.push_back(&taken[from]);
    composition.add(statement);
  }
  return composition.finish();
}

std::vector<Oid> noted_relations() {
  std::vector<Oid> relations;
  for (const Change& change : state().changes)
    if (std::ranges::find(relations, change.relation) == relations.end())
      relations.push_back(change.relation);
  return relations;
}

void begin_commit() { state().commit_level = GetCurrentTransactionNestLevel(); }
void end_commit() { state().commit_level = 0; }

void watch_transactions() {
  RegisterXactCallback(on_transaction_end, nullptr);
  RegisterSubXactCallback(on_subtransaction_end, nullptr);
}

}  // namespace plait
