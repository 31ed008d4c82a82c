// extension/leaves.h: partitions of tracked tables that come and go.
//
//   CREATE TABLE … PARTITION OF, ATTACH    the triggers; rows that come get geneses, or are
//   restored DETACH, DROP TABLE                     rows that go are deleted, history stays
//
// In the DDL's own transaction.
#pragma once

#include "extension/wall.h"

namespace plait {

// At the end of a command. Refuses not_trackable: a partition that cannot be tracked, or that is a
// collection of its own.
void follow_leaves(const EventTriggerData* command);

// At the start of DROP TABLE, whose names are known: writes the deletes while the rows are there.
// Takes the locks that the command will take.
void leave_dropped(const EventTriggerData* command);

// At the end of a command that drops by what it depends on or lies in: the rows of partitions are
// gone, so the whole history tells what is missing.
void settle_dropped();

}  // namespace plait
