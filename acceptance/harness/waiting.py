# acceptance/harness/waiting.py: waiting for what has no event to wait for: asking again until a deadline.
import time

PAUSE = 0.01


def until(condition, what, seconds=30):
    """Asks `condition` until it is true and returns what it gave; fails by name after the deadline."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{seconds} s passed without this: {what}")
        time.sleep(PAUSE)
    return answer
