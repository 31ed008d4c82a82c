// extension/triggers.cpp: the triggers that tracked tables have.

#include "extension/triggers.h"

#include <string>

#include "extension/spi.h"

namespace plait {

namespace {

// They sort before a user's.
constexpr struct {
  const char* name;
  const char* when;
  const char* rows;
  const char* function;
} triggers[] = {
    {"!plait_begin", "BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE", "", "begin_statement"},
    {"!plait_insert", "AFTER INSERT", " REFERENCING NEW TABLE AS plait_after", "capture"},
    {"!plait_update", "AFTER UPDATE",
     " REFERENCING OLD TABLE AS plait_before NEW TABLE AS plait_after", "capture"},
    {"!plait_delete", "AFTER DELETE", " REFERENCING OLD TABLE AS plait_before", "capture"},
};

void create(Oid table) {
  std::string name = pg([&] { return qualified_name(table); });
  for (const auto& trigger : triggers)
    run_sql("CREATE TRIGGER \"" + std::string(trigger.name) + "\" " + trigger.when + " ON " + name +
            trigger.rows + " FOR EACH STATEMENT EXECUTE FUNCTION plait." + trigger.function + "()");
}

// Inside pg().
bool are_there(Oid table) {
  for (const auto& trigger : triggers)
    if (!OidIsValid(get_trigger_oid(table, trigger.name, true))) return false;
  return true;
}

void set_firing(Oid table, char when) {
  pg([&] {
    Relation relation = relation_open(table, ShareRowExclusiveLock);
    for (const auto& trigger : triggers)
      EnableDisableTrigger(relation, trigger.name, when, false, ShareRowExclusiveLock);
    relation_close(relation, NoLock);
    CommandCounterIncrement();
  });
}

}  // namespace

void prepare_triggers(Oid table) {
  if (pg([&] { return are_there(table); })) return;
  create(table);
  set_firing(table, TRIGGER_DISABLED);
}

void create_triggers(Oid table) {
  if (!pg([&] { return are_there(table); })) create(table);
  // ENABLE ALWAYS: a session in replica mode writes events too.
  set_firing(table, TRIGGER_FIRES_ALWAYS);
}

void drop_triggers(Oid table) {
  std::string name = pg([&] { return qualified_name(table); });
  for (const auto& trigger : triggers)
    if (pg([&] { return OidIsValid(get_trigger_oid(table, trigger.name, true)); }))
      run_sql("DROP TRIGGER \"" + std::string(trigger.name) + "\" ON " + name);
}

bool has_triggers(Oid table) {
  Relation relation = relation_open(table, AccessShareLock);
  bool has_one = false;
  const TriggerDesc* all = relation->trigdesc;
  for (int i = 0; all != nullptr && i < all->numtriggers; ++i)
    for (const auto& trigger : triggers)
      has_one |= strcmp(all->triggers[i].tgname, trigger.name) == 0 &&
                 all->triggers[i].tgenabled != TRIGGER_DISABLED;
  relation_close(relation, NoLock);
  return has_one;
}

const char* silent_trigger(Oid table) {
  Relation relation = relation_open(table, AccessShareLock);
  const TriggerDesc* found = relation->trigdesc;
  auto fires_always = [&](const char* name) {
    for (int i = 0; found != nullptr && i < found->numtriggers; ++i)
      if (strcmp(found->triggers[i].tgname, name) == 0)
        return found->triggers[i].tgenabled == TRIGGER_FIRES_ALWAYS;
    return false;
  };
  const char* silent = nullptr;
  for (const auto& trigger : triggers)
    if (silent == nullptr && !fires_always(trigger.name)) silent = trigger.name;
  relation_close(relation, AccessShareLock);
  return silent;
}

}  // namespace plait
