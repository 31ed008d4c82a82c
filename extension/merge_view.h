// extension/merge_view.h: the catalogue as core's merge needs it.
#pragma once

#include "extension/wall.h"

#include "core/merge/merge.h"
#include "extension/catalogue.h"

namespace plait {

// The merge rule and initial value of every property.
Properties properties_of(const Collection& collection);

}  // namespace plait
