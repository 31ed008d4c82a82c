// extension/plait.cpp: the module: what happens when a backend loads it.

#include "extension/catalogue.h"
#include "extension/key_note.h"
#include "extension/node.h"
#include "extension/settings.h"
#include "extension/table.h"
#include "extension/under_way.h"
#include "extension/wake.h"

extern "C" {
#pragma GCC visibility push(default)
PG_MODULE_MAGIC;
void _PG_init(void);
#pragma GCC visibility pop

void _PG_init(void) {
  plait::define_settings();
  plait::watch_catalogs();
  plait::watch_catalogue();
  plait::watch_nodes();
  plait::watch_keys();
  plait::watch_transactions();
  plait::watch_commits();
}
}
