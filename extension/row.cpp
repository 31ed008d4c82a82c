// extension/row.cpp: the user's row, locked and written as the caller.

#include "extension/row.h"

#include <vector>

#include "extension/key.h"
#include "extension/rights.h"
#include "extension/row_now.h"
#include "extension/spi.h"

namespace plait {

namespace {

// A statement and its parameters, built side by side.
class Statement {
 public:
  explicit Statement(const Collection& collection) : collection_(collection) {
    table_ = pg([&] { return qualified_name(collection.relation); });
  }

  const std::string& table() const { return table_; }
  Statement& operator<<(std::string_view text) {
    sql_ += text;
    return *this;
  }

  // $n, of the property's type.
  void parameter(const TrackedProperty& property, const Json& value) {
    parameters_.push_back({&property, &value, false});
    sql_ += "$" + std::to_string(parameters_.size());
  }

  // "id" OPERATOR(pg_catalog.=) $1 AND …: nobody's search_path decides what = means.
  void key_condition(const Json& key) {
    for (std::size_t i = 0; i < collection_.key.size(); ++i) {
      const TrackedProperty& property = key_property(collection_, i);
      if (i > 0) sql_ += " AND ";
      sql_ += quoted(property.column) + " ";
      sql_ += pg([&] { return key_equality(collection_, i); });
      parameters_.push_back({&property, &key.as_array()[i], true});
      sql_ += " $" + std::to_string(parameters_.size());
    }
  }

  // May look for rows that policies hide: a generic plan never holds its parameters, which
  // debug_print_plan would show.
  std::uint64_t run_unseen() { return run(is_under_row_security(collection_)); }
  std::uint64_t run() { return run(false); }

 private:
  struct Parameter {
    const TrackedProperty* property;
    const Json* value;
    bool is_stored;  // a key
  };

  std::uint64_t run(bool generic) {
    return pg([&] {
      int count = static_cast<int>(parameters_.size());
      auto* types = static_cast<Oid*>(palloc0(sizeof(Oid) * (count + 1)));
      auto* values = static_cast<Datum*>(palloc0(sizeof(Datum) * (count + 1)));
      auto* nulls = static_cast<char*>(palloc0(static_cast<std::size_t>(count) + 1));
      int level = pin_settings();
      for (int i = 0; i < count; ++i) {
        const Parameter& parameter = parameters_[static_cast<std::size_t>(i)];
        WireType& type = *parameter.property->type;
        auto* read = parameter.is_stored ? read_stored : read_wire;
        bool is_null;
        types[i] = parameter.is_stored ? type.base : type.type;
        values[i] = read(type, *parameter.value, &is_null);
        nulls[i] = is_null ? 'n' : ' ';
      }
      unpin_settings(level);
      SPI_connect();
      int result = generic
                       ? execute_generic(sql_.c_str(), count, types, values, false)
                       : SPI_execute_with_args(sql_.c_str(), count, types, values, nulls, false, 0);
      if (result < 0) elog(ERROR, "SPI_execute: %s", SPI_result_code_string(result));
      std::uint64_t rows = SPI_processed;
      SPI_finish();
      return rows;
    });
  }

  const Collection& collection_;
  std::string table_;
  std::string sql_;
  std::vector<Parameter> parameters_;
};

// An image with nothing but the key columns of a key array.
HeapTuple key_image(const Collection& collection, Relation relation, const Json& key) {
  TupleDesc columns = RelationGetDescr(relation);
  auto* values = static_cast<Datum*>(palloc0(sizeof(Datum) * columns->natts));
  auto* nulls = static_cast<bool*>(palloc(sizeof(bool) * columns->natts));
  for (int i = 0; i < columns->natts; ++i) nulls[i] = true;
  for (std::size_t i = 0; i < collection.key.size(); ++i) {
    const TrackedProperty& property =
        collection.properties[static_cast<std::size_t>(collection.key[i])];
    int at = property.attribute - 1;
    values[at] = read_stored(*property.type, key.as_array()[i], &nulls[at]);
  }
  return heap_form_tuple(columns, values, nulls);
}

// What `look` makes of the row as it is now; nothing: there is none.
template <typename Look>
auto find_row(const Collection& collection, const Json& key, Look look) {
  RowFinder finder;
  return pg([&] {
    Relation relation = relation_open(collection.relation, AccessShareLock);
    int level = pin_settings();
    finder.open(collection, relation);
    decltype(look(finder)) found{};
    if (finder.find(key_image(collection, relation, key))) found = look(finder);
    finder.close();
    unpin_settings(level);
    relation_close(relation, AccessShareLock);
    return found;
  });
}

// False: there is no such row.
bool lock_itself(const Collection& collection, const Json& key) {
  return find_row(collection, key, [](RowFinder& finder) { return finder.lock(); });
}

}  // namespace

bool lock_row(const Collection& collection, const Json& key, RowLock lock) {
  if (lock == RowLock::visible)
    return sees_row(collection, key) && lock_itself(collection, key) && sees_row(collection, key);
  Statement statement(collection);
  statement << "SELECT 1 FROM " << statement.table() << " WHERE ";
  statement.key_condition(key);
  statement << (lock == RowLock::update ? " FOR UPDATE" : " FOR NO KEY UPDATE");
  return statement.run_unseen() > 0;
}

bool sees_row(const Collection& collection, const Json& key) {
  Statement statement(collection);
  statement << "SELECT 1 FROM " << statement.table() << " WHERE ";
  statement.key_condition(key);
  return statement.run_unseen() > 0;
}

std::uint64_t insert_row(const Collection& collection, const RowValues& values) {
  Statement statement(collection);
  statement << "INSERT INTO " << statement.table();
  if (values.empty()) return (statement << " DEFAULT VALUES").run();
  std::string_view before = " (";
  for (const auto& [name, value] : values) {
    statement << before << quoted(collection.property(name)->column);
    before = ", ";
  }
  before = ") OVERRIDING SYSTEM VALUE VALUES (";
  for (const auto& [name, value] : values) {
    statement << before;
    statement.parameter(*collection.property(name), value);
    before = ", ";
  }
  return (statement << ")").run();
}

std::uint64_t update_row(const Collection& collection, const Json& key, const RowValues& values) {
  Statement statement(collection);
  statement << "UPDATE " << statement.table();
  std::string_view before = " SET ";
  for (const auto& [name, value] : values) {
    const TrackedProperty& property = *collection.property(name);
    statement << before << quoted(property.column) << " = ";
    statement.parameter(property, value);
    before = ", ";
  }
  statement << " WHERE ";
  statement.key_condition(key);
  return statement.run();
}

std::uint64_t delete_row(const Collection& collection, const Json& key) {
  Statement statement(collection);
  statement << "DELETE FROM " << statement.table() << " WHERE ";
  statement.key_condition(key);
  return statement.run();
}

HeapTuple row_image(const Collection& collection, HeapTuple base, const RowValues& values) {
  RowValues all;
  if (base == nullptr)
    for (const TrackedProperty& property : collection.properties)
      if (!property.initial.empty())
        all.emplace(property.name,
                    or_refuse(parse_json(property.initial, {stored_json_depth_max})));
  for (const auto& [name, value] : values) all.insert_or_assign(name, value);
  return pg([&] {
    Relation relation = relation_open(collection.relation, AccessShareLock);
    TupleDesc columns = RelationGetDescr(relation);
    auto* datums = static_cast<Datum*>(palloc0(sizeof(Datum) * columns->natts));
    auto* nulls = static_cast<bool*>(palloc(sizeof(bool) * columns->natts));
    for (int i = 0; i < columns->natts; ++i) nulls[i] = true;
    if (base != nullptr) heap_deform_tuple(base, columns, datums, nulls);
    int level = pin_settings();
    for (const auto& [name, value] : all) {
      const TrackedProperty* property = collection.property(name);
      if (property == nullptr) continue;
      int at = property->attribute - 1;
      datums[at] = read_wire(*property->type, value, &nulls[at]);
    }
    unpin_settings(level);
    HeapTuple image = heap_form_tuple(columns, datums, nulls);
    relation_close(relation, NoLock);
    return image;
  });
}

HeapTuple row_as_it_is(const Collection& collection, const Json& key) {
  return find_row(collection, key, [](RowFinder& finder) {
    return static_cast<HeapTuple>(ExecCopySlotHeapTuple(finder.row()));
  });
}

}  // namespace plait
