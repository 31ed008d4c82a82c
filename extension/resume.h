// extension/resume.h: a table that was not watched for a while tells what changed meanwhile.
#pragma once

#include "extension/wall.h"

#include <vector>

#include "extension/author.h"
#include "extension/catalogue.h"

namespace plait {

// Whose events a comparison writes: of those that differ, or of every living entity, with an event
// without operations where nothing differs.
enum class Telling : std::uint8_t { differences, every_entity };

// Compares each row of a collection's table with the fold of its events and writes the differences
// as events: geneses and restores for rows without a living entity, sets, deletes for living
// entities without a row. Returns what it wrote. REQUIRES: a lock that keeps writers out. Cost: the
// whole history.
std::vector<Author::Written> write_differences(Oid relation,
                                               Telling telling = Telling::differences);

// The same for the rows of one partition that has come, and no deletes.
void write_differences_of(const Collection& collection, Oid partition);

}  // namespace plait
