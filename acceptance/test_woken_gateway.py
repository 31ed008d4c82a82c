# acceptance/test_woken_gateway.py: the worker wakes the gateway, which asks by itself but rarely; without one it polls.
import statistics
import time

from acceptance.harness.listener import KNOWN_AFTER_SECONDS, the_worker, told, workers
from acceptance.harness.live import catches_up
from acceptance.harness.waiting import until
from acceptance.harness.worker import together


def delays(people, watch, count=20):
    """Seconds from a commit to a watch, one after the other."""
    for i in range(count):
        people.database.sql("INSERT INTO dog VALUES (1, 'x', 0) ON CONFLICT (id) DO UPDATE SET age = dog.age + 1")
        committed = time.monotonic()
        catches_up(people.client, watch, people.database)
        yield time.monotonic() - committed


def is_woken(people):
    return "\nplait_gateway_woken 1\n" in people.gateway.ask("/metrics")[1]


def test_a_gateway_is_woken(people):
    """And asks by itself but once a second."""
    watch = people.client.watch("dog")
    until(lambda: is_woken(people), "the gateway has a worker")
    list(delays(people, watch, count=1))
    begin = time.monotonic()
    while time.monotonic() - begin < KNOWN_AFTER_SECONDS:
        list(delays(people, watch, count=1))
    assert statistics.median(delays(people, watch)) < 0.2
    people.database.sql("SELECT pg_terminate_backend(%s)", the_worker(people.database))
    list(delays(people, watch))
    until(lambda: told(people.database)["running"] and is_woken(people), "the next writer started another")


def test_a_gateway_misses_no_notification_while_it_reads(people):
    """One that comes while it waits for an answer counts too: else the last change of a burst comes a second later."""
    watch, seconds = people.client.watch("dog"), []
    connections = [people.database.connect() for _ in range(4)]
    upsert = "INSERT INTO dog VALUES (%s, 'x', 0) ON CONFLICT (id) DO UPDATE SET age = dog.age + 1"
    for _ in range(50):
        together(*(lambda n=n, c=c: [people.database.sql(upsert, n, on=c) for _ in range(10)]
                   for n, c in enumerate(connections)))
        done = time.monotonic()
        catches_up(people.client, watch, people.database)
        seconds.append(time.monotonic() - done)
    assert sum(second > 0.7 for second in seconds) <= 1, seconds


def test_a_gateway_without_a_worker_polls(database, people):
    database.sql(f"ALTER DATABASE {database.name} SET plait.worker_idle = 0; SET plait.worker_idle = 0")
    for pid in workers(database):
        database.sql("SELECT pg_terminate_backend(%s)", pid)
    people.gateway.kill()
    people.gateway.start()
    people.client = people.gateway.client()
    watch = people.client.watch("dog")
    assert not is_woken(people)
    assert statistics.median(delays(people, watch)) < 0.2 and not is_woken(people)
