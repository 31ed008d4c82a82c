# bench/latency/subscribers.py: many subscribers in one process; what each received and when.
import json
import re
import selectors
import subprocess
import threading
import time

from harness.server import BUILD
from websocket import WebSocket

GATEWAY = BUILD / "cmake" / "gateway" / "plait-gateway"
QUERY = "album where id <= 100"


class Subscribers:
    """A thread reads all of them; a message is kept as bytes and looked into after the run."""

    def __init__(self):
        self.received = []  # one list a subscriber: (when, message)
        self.selector = selectors.DefaultSelector()
        self.stopped = False
        self.trouble = None

    def listen(self, sources):
        """Each source: fileno() and messages()."""
        for source in sources:
            self.received.append([])
            self.selector.register(source, selectors.EVENT_READ, (source, self.received[-1]))
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        try:
            while not self.stopped:
                for key, _ in self.selector.select(0.1):
                    source, received = key.data
                    for message in source.messages():
                        received.append((time.monotonic(), message))
        except OSError as error:
            self.trouble = error

    def stop(self):
        self.stopped = True
        self.thread.join()


class Gateway:
    """The gateway of a database, and a session with the live query for every subscriber."""

    value = re.compile(rb'"set":\{[^}]*"stars":(\d+)')

    def __init__(self, bench, database, count):
        environment = bench.server.environment
        dsn = f"host={environment['PGHOST']} port={environment['PGPORT']} dbname={database.name} user=bench_gateway"
        self.process = subprocess.Popen([GATEWAY, "--dsn", dsn, "--listen", "127.0.0.1:0"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.sources = []
        try:
            port = self._port()
            threading.Thread(target=self.process.stdout.read, daemon=True).start()
            for _ in range(count):
                self.sources.append(self._session(port))
        except BaseException:
            self.close()
            raise

    def _port(self):
        log = ""
        for line in self.process.stdout:
            log += line
            if found := re.search(r"listening on \S*:(\d+)", line):
                return int(found[1])
        raise OSError(f"the gateway did not start:\n{log}")

    def _session(self, port):
        socket = WebSocket("127.0.0.1", port)
        socket.send({"type": "hello", "id": "1", "version": 1, "client": "bench"})
        socket.send({"type": "subscribe", "id": "q", "query": QUERY})
        live = False
        while not live:
            for message in map(json.loads, socket.messages()):
                if message["type"] in ("error", "goodbye"):
                    raise OSError(f"the gateway says {message}")
                live = live or message["type"] == "live"
        return socket

    def close(self):
        for source in self.sources:
            source.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Listener:
    """A connection with LISTEN."""

    def __init__(self, bench, database):
        self.connection = bench.server.connect(database.name)
        self.connection.cursor().execute("LISTEN album")

    def fileno(self):
        return self.connection.fileno()

    def messages(self):
        self.connection.poll()
        payloads = [notify.payload.encode() for notify in self.connection.notifies]
        self.connection.notifies.clear()
        return payloads


class Listeners:
    value = re.compile(rb'"stars": (\d+)')

    def __init__(self, bench, database, count):
        self.sources = [Listener(bench, database) for _ in range(count)]

    def close(self):
        for source in self.sources:
            source.connection.close()
