# bench/harness/: what the tasks share.
