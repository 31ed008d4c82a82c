# acceptance/harness/plait.py: the command line as its users have it: words in, lines and an exit code out.
import json
import os
import pathlib
import queue
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def program():
    return os.environ.get("PLAIT_BINARIES", str(ROOT / "build" / "cmake")) + "/cli/plait"


def environment(url, state, **more):
    """`state`: the folder where plait keeps who this user is."""
    return dict(os.environ, PLAIT_URL=url, XDG_STATE_HOME=str(state), **more)


def run(url, state, *words, seconds=60, **more):
    """Runs a command to its end: its exit code, stdout and stderr."""
    return subprocess.run([program(), *words], env=environment(url, state, **more), text=True, timeout=seconds,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Watch:
    """`plait watch --json`, and what its lines say that the result is. A line that says what cannot be is an error."""

    def __init__(self, url, state, query, **more):
        self.process = subprocess.Popen([program(), "watch", "--json", query], env=environment(url, state, **more),
                                        text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.rows, self.ticks, self.wrong, self.said = {}, [], [], []
        self.lines = queue.Queue()
        for stream, take in ((self.process.stdout, self.lines.put), (self.process.stderr, self.said.append)):
            threading.Thread(target=self._read, args=(stream, take), daemon=True).start()

    @staticmethod
    def _read(stream, take):
        for line in stream:
            take(line)

    def apply(self, line):
        told = json.loads(line)
        if self.ticks and told["tick"] <= self.ticks[-1]:
            self.wrong.append(f"tick {told['tick']} after {self.ticks[-1]}")
        self.ticks.append(told["tick"])
        for row in told["add"]:
            if row["entity"] in self.rows:
                self.wrong.append(f"added twice: {row}")
            self.rows[row["entity"]] = row["state"]
        for row in told["update"]:
            held = self.rows.setdefault(row["entity"], {})
            if any(held.get(name) != value for name, value in row["before"].items()):
                self.wrong.append(f"held {held}, told {row}")
            held.update(row["set"])
        for row in told["remove"]:
            if self.rows.pop(row["entity"], None) is None:
                self.wrong.append(f"removed and never there: {row}")

    def until(self, condition, what, seconds=60):
        """Reads on until the rows are as they should be."""
        deadline = time.monotonic() + seconds
        while not condition(self.rows):
            try:
                self.apply(self.lines.get(timeout=max(0, deadline - time.monotonic())))
            except queue.Empty:
                told = f"{self.rows}\n{''.join(self.said)}"
                raise AssertionError(f"{seconds} s passed without this: {what}\n{told}") from None

    def quiet(self):
        """Nothing more is waiting to be read."""
        while not self.lines.empty():
            self.apply(self.lines.get())

    def end(self):
        """Ctrl-C; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)
