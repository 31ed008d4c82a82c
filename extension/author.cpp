// extension/author.cpp: changes of rows become events.

#include "extension/author.h"

#include <array>

#include "extension/node.h"
#include "extension/random.h"
#include "extension/settings.h"

namespace plait {

namespace {

// The stamp of the last event that this backend wrote in this transaction, so that what it writes
// grows in the order in which it was written.
struct LastStamp {
  FullTransactionId transaction;
  Hlc hlc;
};
LastStamp last_stamp{};

// What the canonical form of an event with a parent or two has beside its operations.
constexpr std::size_t canonical_overhead = 320;

Hlc next_stamp(std::span<const EventId> parents) {
  FullTransactionId transaction = GetTopFullTransactionId();
  Hlc seen = FullTransactionIdEquals(last_stamp.transaction, transaction) ? last_stamp.hlc : 0;
  if (!parents.empty() && parents.back().hlc() > seen) seen = parents.back().hlc();
  last_stamp = {transaction, next_hlc(now_hlc(), seen)};
  return last_stamp.hlc;
}

bool differs(const TrackedProperty& property, TupleTableSlot* before, TupleTableSlot* after) {
  bool was_null;
  bool is_null;
  Datum old_value = slot_getattr(before, property.attribute, &was_null);
  Datum new_value = slot_getattr(after, property.attribute, &is_null);
  if (was_null || is_null) return was_null != is_null;
  return !same_image(*property.type, old_value, new_value);
}

}  // namespace

Author::Author(const Collection& collection, std::vector<Written>* written)
    : collection_(collection), written_(written) {
  OwnNode own = own_node();
  origin_number_ = own.number;
  origin_ = own.id;
  era_ = own.era;
  actor_ = actor_number();
  context_ = context_setting();
  unnamed_.reserve(sha256_lanes);
}

void Author::describe_create(TupleTableSlot* row, bool all, bool id_says_key) {
  operations_ = "{\"create\":true,\"set\":{";
  bool any = false;
  for (const TrackedProperty& property : collection_.properties) {
    if (property.derived || (id_says_key && property.key_position >= 0)) continue;
    bool is_null;
    Datum value = slot_getattr(row, property.attribute, &is_null);
    if (is_null && property.initial.empty() && !all) continue;
    std::size_t start = operations_.size();
    if (any) operations_ += ',';
    operations_ += property.member;
    std::size_t value_start = operations_.size();
    if (is_null)
      operations_ += "null";
    else
      append_wire(operations_, *property.type, value);
    bool is_initial =
        !is_null && std::string_view(operations_).substr(value_start) == property.initial;
    if (is_initial && !all)
      operations_.resize(start);
    else
      any = true;
  }
  if (any)
    operations_ += "}}";
  else
    operations_ = "{\"create\":true}";
}

bool Author::changes(TupleTableSlot* before, TupleTableSlot* after) const {
  for (const TrackedProperty& property : collection_.properties)
    if (!property.derived && differs(property, before, after)) return true;
  return false;
}

void Author::describe_update(TupleTableSlot* before, TupleTableSlot* after) {
  operations_ = "{\"set\":{";
  bool any = false;
  for (const TrackedProperty& property : collection_.properties) {
    if (property.derived || !differs(property, before, after)) continue;
    if (any) operations_ += ',';
    any = true;
    operations_ += property.member;
    bool is_null;
    Datum value = slot_getattr(after, property.attribute, &is_null);
    if (is_null)
      operations_ += "null";
    else
      append_wire(operations_, *property.type, value);
  }
  operations_ += "}}";
}

void Author::write(Ledger& ledger, const EntityId& entity, std::span<const EventId> parents) {
  gather(ledger, &entity, parents);
}

EntityId Author::write_genesis(Ledger& ledger) {
  gather(ledger, nullptr, {});
  flush(ledger);
  return last_.entity;
}

void Author::gather(Ledger& ledger, const EntityId* entity, std::span<const EventId> parents) {
  if (gathered_ == unnamed_.size()) unnamed_.emplace_back();
  Unnamed& event = unnamed_[gathered_];
  event.hlc = next_stamp(parents);
  event.names_entity = entity == nullptr;
  event.parents.assign(parents.begin(), parents.end());
  event.row = {};
  if (entity != nullptr) event.row.entity = *entity;
  event.row.salt = random_word();
  event.row.origin = origin_number_;
  event.row.actor = actor_;
  event.row.era = era_;
  event.row.context = context_;
  event.row.operations = event.operations.write(operations_);
  event.canonical.clear();
  event.canonical.reserve(operations_.size() + canonical_overhead);
  append_canonical_form(event.canonical, collection_.name, entity, parents, operations_, origin_,
                        event.hlc, event.row.salt);
  bool is_large = event.canonical.size() >= gathered_bytes_max;
  if (++gathered_ == sha256_lanes || is_large) flush(ledger);
}

void Author::flush(Ledger& ledger) {
  std::array<std::string_view, sha256_lanes> texts;
  std::array<Sha256Digest, sha256_lanes> digests;
  for (std::size_t i = 0; i < gathered_; ++i) texts[i] = unnamed_[i].canonical;
  sha256_each(std::span(texts).first(gathered_), std::span(digests).first(gathered_));
  for (std::size_t i = 0; i < gathered_; ++i) {
    Unnamed& event = unnamed_[i];
    event.row.id = id_of(digests[i], event.hlc);
    if (event.names_entity) event.row.entity = EntityId(event.row.id);
    event.row.parents = event.parents;
    ledger.add(collection_.number, event.row);
    last_ = {event.row.entity, event.row.id};
    if (written_ != nullptr) written_->push_back(last_);
  }
  gathered_ = 0;
}

}  // namespace plait
