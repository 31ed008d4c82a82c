-- bench/wake_up/without_worker.sql: no session starts a worker.
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET plait.worker_idle = 0', current_database()); END $$;
SET plait.worker_idle = 0;
