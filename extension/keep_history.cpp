// extension/keep_history.cpp: DROP EXTENSION takes the history away, so it must say CASCADE.
//
// Postgres itself only asks for it while a table is tracked, whose triggers depend on us.

#include <string>

#include "extension/argument.h"
#include "extension/catalogue.h"
#include "extension/entity_events.h"

namespace plait {

namespace {

// Whether a command is DROP EXTENSION of ours without CASCADE.
bool drops_us(const Node* command) {
  if (!IsA(command, DropStmt)) return false;
  const auto* drop = reinterpret_cast<const DropStmt*>(command);
  if (drop->removeType != OBJECT_EXTENSION || drop->behavior == DROP_CASCADE) return false;
  for (int i = 0; i < list_length(drop->objects); ++i)
    if (std::string_view(strVal(list_nth(drop->objects, i))) == "plait") return true;
  return false;
}

}  // namespace

// plait.keep_history() RETURNS event_trigger, at ddl_command_start of DROP EXTENSION
PLAIT_FUNCTION(plait_keep_history) {
  if (!drops_us(event_argument(fcinfo)->parsetree)) return static_cast<Datum>(0);
  for (const CollectionRef& collection : all_collections()) {
    if (has_entities(collection->number, SnapshotSelf))
      refuse(Code::history_exists,
             "extension plait holds the history of collection " + collection->name, "",
             "DROP EXTENSION plait CASCADE drops it with all history; the tables stay as they "
             "are. plait.untrack stops tracking a table and keeps its history.");
  }
  return static_cast<Datum>(0);
}

}  // namespace plait
