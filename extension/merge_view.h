// extension/merge_view.h: the catalogue as core's merge needs it.
#pragma once

#include "extension/wall.h"

#include "core/merge/merge.h"
#include "core/merge/state.h"
#include "extension/catalogue.h"

namespace plait {

// The merge rule and initial value of every property.
Properties properties_of(const Collection& collection);

// Every property's value by an entity's events; a key property that no event set is what the id
// says.
Json values_of(const Collection& collection, const Properties& properties, const EntityId& entity,
               const State& state);

}  // namespace plait
