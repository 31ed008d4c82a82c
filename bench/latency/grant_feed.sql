-- bench/latency/grant_feed.sql: lets the gateway follow.
SELECT plait.grant_feed('bench_gateway');
