# bench/latency/task.py: how long after a commit its subscribers have it.
import random
import sys
import time
from pathlib import Path

from harness.server import Skipped, Wrong

sys.path.insert(0, str(Path(__file__).resolve().parent))
from subscribers import GATEWAY, Gateway, Listeners, Subscribers  # noqa: E402

CONTESTANTS = ["listen_notify", "plait"]
SUBSCRIBERS = (1, 100)
WARM_UP = 10  # commits that are not counted
CATCH_UP_SECONDS_MAX = 30


def settings(bench):
    return f"{bench.commits} commits a run"


def measure(bench, contestant):
    if not GATEWAY.exists():
        raise Skipped(f"there is no {GATEWAY}; build it first: make")
    figures = {}
    for count in SUBSCRIBERS:
        files = ["album", "hundred", contestant] + (["grant_feed"] if contestant == "plait" else [])
        with bench.database("latency", *files) as database:
            samples = sorted(run(bench, database, {"plait": Gateway, "listen_notify": Listeners}[contestant], count))
        name = f"{count} subscriber{'s' if count > 1 else ''}"
        figures[f"p50 ms, {name}"] = samples[len(samples) // 2] * 1000
        figures[f"p99 ms, {name}"] = samples[len(samples) * 99 // 100] * 1000
    return figures


def run(bench, database, source, count):
    """Seconds from commit to subscriber, one a commit and subscriber."""
    try:
        sources = source(bench, database, count)
    except OSError as error:
        raise Wrong(str(error))
    subscribers = Subscribers()
    subscribers.listen(sources.sources)
    try:
        committed = [write(database, number) for number in range(1, WARM_UP + bench.commits + 1)]
        wait_for(subscribers, sources.value, len(committed))
    finally:
        subscribers.stop()
        sources.close()
    return [sample for received in subscribers.received for sample in samples_of(received, sources.value, committed)]


def write(database, number):
    """One commit; when it was sent. Its answer may come after what it sets off: a notification overtakes it."""
    time.sleep(random.uniform(0.02, 0.06))  # no common beat with whatever polls
    sent = time.monotonic()
    database.execute("UPDATE album SET stars = %s WHERE id = %s", (number, number % 100 + 1))
    return sent


def values(received, pattern):
    """(when, number) of every change that came; within one message they are in any order."""
    return [(when, number) for when, message in received for number in sorted(map(int, pattern.findall(message)))]


def wait_for(subscribers, pattern, last):
    deadline = time.monotonic() + CATCH_UP_SECONDS_MAX
    while time.monotonic() < deadline and not subscribers.trouble:
        if all(any(number == last for _, number in values(received[-5:], pattern)) for received in subscribers.received):
            return
        time.sleep(0.05)
    raise Wrong(f"not every subscriber has the last change: {subscribers.trouble or 'they are late'}")


def samples_of(received, pattern, committed):
    """Neighbouring commits change different rows: every value comes, however many commits a message joins."""
    came = values(received, pattern)
    if [number for _, number in came] != list(range(1, len(committed) + 1)):
        raise Wrong(f"a subscriber did not get every change in its order: {[n for _, n in came][:20]} …")
    return [when - committed[number - 1] for when, number in came if number > WARM_UP]
