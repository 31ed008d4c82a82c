// extension/columns.h: the columns of the extension's tables, by attribute number
// (sql/).
#pragma once

namespace plait {

enum NodeColumn {
  node_row_number = 1,
  node_row_id,
  node_row_era,
  node_row_system,
  node_row_database,
  node_row_since,
  node_row_installed  // not in 0.1's SQL
};

enum ActorColumn {
  actor_row_number = 1,
  actor_row_hash,
  actor_row_session_user,
  actor_row_current_user,
  actor_row_subject
};

enum CollectionColumn {
  collection_number = 1,
  collection_name,
  collection_schema,
  collection_table,
  collection_relation,
  collection_naming,
  collection_tracked,
  collection_since
};

enum PropertyColumn {
  property_collection = 1,
  property_name,
  property_column,
  property_attribute,
  property_merge,
  property_initial,
  property_key_position
};

enum EventColumn {
  event_entity = 1,
  event_id,
  event_xid,
  event_salt,
  event_collection,
  event_origin,
  event_actor,
  event_era,
  event_parents,
  event_operations,
  event_context
};

enum EntityColumn {
  entity_collection = 1,
  entity_entity,
  entity_key,
  entity_key_hash,
  entity_head
};

enum BackfillColumn {
  backfill_collection = 1,
  backfill_relation,
  backfill_era,
  backfill_file,
  backfill_blocks,
  backfill_next_block,
  backfill_done_block,
  backfill_rows,
  backfill_held,
  backfill_since,
  backfill_batch_us
};

enum WorkerColumn { worker_process = 1, worker_pid, worker_postmaster, worker_system };

}  // namespace plait
