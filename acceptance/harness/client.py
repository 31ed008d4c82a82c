# acceptance/harness/client.py: a raw client of plait.v1 that keeps the rows of its live queries, unit by unit.
#
# One background thread owns all sockets; a test waits on a condition that every frame wakes.
import asyncio
import itertools
import threading

import websockets

from acceptance.model.canonical import canonical, read_json
from acceptance.model.world import Refused

ANSWER_SECONDS = 30


class Loop:
    """The thread that all sockets of a test run live in."""

    _shared = None

    @classmethod
    def run(cls, coroutine):
        if cls._shared is None:
            cls._shared = asyncio.new_event_loop()
            threading.Thread(target=cls._shared.run_forever, daemon=True).start()
        return asyncio.run_coroutine_threadsafe(coroutine, cls._shared)


class Watch:
    """A live query: its rows as of the last whole unit, and what was wrong with how they came."""

    def __init__(self, query_id, query, params):
        self.id, self.query, self.params = query_id, query, params
        self.rows = {}  # entity -> {"key", "head", "state"}
        self.group = None
        self.error = None
        self.ended = False
        self.changes = []  # ("add" | "update" | "remove", entity), as deltas told them
        self.anomalies = []

    def states(self):
        """key -> state"""
        return {row["key"]: row["state"] for row in self.rows.values()}

    def apply_rows(self, message):
        if message.get("reset"):
            self.rows.clear()
        for row in message["rows"]:
            self._put(row)
        for gone in message.get("remove", []):
            self.rows.pop(gone["entity"], None)

    def apply_delta(self, message):
        listed = [item["entity"] for part in ("add", "update", "remove") for item in message.get(part, [])]
        if len(listed) != len(set(listed)):
            self.anomalies.append(("an entity is listed twice", message))
        for row in message.get("add", []):
            # An add of a member replaces it (it went and came within the unit); one that brings nothing is a double.
            if self.rows.get(row["entity"], {}).get("head") == row["head"]:
                self.anomalies.append(("add of a member as it is", row))
            self.changes.append(("add", row["entity"]))
            self._put(row)
        for update in message.get("update", []):
            self.changes.append(("update", update["entity"]))
            self._update(update)
        for gone in message.get("remove", []):
            self.changes.append(("remove", gone["entity"]))
            if self.rows.pop(gone["entity"], None) is None:
                self.anomalies.append(("remove of no member", gone))

    def _put(self, row):
        self.rows[row["entity"]] = {"key": row["key"], "head": row["head"], "state": dict(row["state"])}

    def _update(self, update):
        row = self.rows.get(update["entity"])
        if row is None:
            self.anomalies.append(("update of no member", update))
            return
        if update["head"] == row["head"]:
            self.anomalies.append(("update without a new head", update))
        row["head"] = update["head"]
        row["key"] = update.get("key", row["key"])
        row["state"].update(update["set"])


class Client:
    """A session: `hello` is sent at once unless told otherwise."""

    def __init__(self, url, hello=True):
        self.url = url
        self.changed = threading.Condition()
        self.ids = itertools.count(1)
        self.answers, self.watches, self.frames, self.unit = {}, {}, [], []
        self.cursor, self.covered, self.units, self.closed = None, set(), 0, None
        self.on_unit = lambda client: None
        self.socket = Loop.run(self._open()).result(ANSWER_SECONDS)
        self.reader = Loop.run(self._read())
        self.welcome = self.request({"type": "hello", "version": 1, "client": "acceptance"}) if hello else None

    async def _open(self):
        return await websockets.connect(self.url, subprotocols=["plait.v1"], max_size=None,
                                        compression=None, ping_interval=None, max_queue=None)

    async def _read(self):
        try:
            async for text in self.socket:
                with self.changed:
                    self._take(read_json(text))
                    self.changed.notify_all()
        except (websockets.ConnectionClosed, OSError):
            pass
        with self.changed:
            self.closed = (self.socket.close_code, self.socket.close_reason)
            self.changed.notify_all()

    def _take(self, message):
        self.frames.append(message)
        kind = message["type"]
        watch = self.watches.get(message.get("id"))
        if kind == "tick":
            self._close_unit(message)
        elif watch and kind == "error":
            watch.error = message
        elif kind == "delta" or watch and kind in ("rows", "live"):
            self.unit.append(message)
        elif "id" in message:
            self.answers.setdefault(message["id"], []).append(message)

    def _close_unit(self, tick):
        for message in self.unit:
            if message["type"] == "rows":
                self.watches[message["id"]].apply_rows(message)
            elif message["type"] == "live":
                self.watches[message["id"]].group = message["group"]
            else:
                for watch in self.watches.values():
                    if watch.group == message["group"] and not watch.ended:
                        watch.apply_delta(message)
        self.unit.clear()
        self.cursor = tick["cursor"]
        self.covered.update(tick.get("commits", []))
        self.units += 1
        self.on_unit(self)

    def send(self, message):
        """Sends a message, with an id unless it has one; the id."""
        message = {"id": str(next(self.ids)), **message}
        self.send_text(canonical(message))
        return message["id"]

    def send_text(self, text):
        Loop.run(self.socket.send(text)).result(ANSWER_SECONDS)

    def wait(self, condition, what, seconds=ANSWER_SECONDS):
        """Waits until `condition()` is true, looking after each frame; returns what it gave."""
        with self.changed:
            self.changed.wait_for(lambda: condition() or self.closed, seconds)
            answer = condition()
        if not answer:
            last = [str(frame)[:200] for frame in self.frames[-5:]]
            state = f"closed with {self.closed}" if self.closed else "still open"
            raise AssertionError(f"never came: {what}; {state}; last frames: {last}")
        return answer

    def answer(self, request_id):
        return self.wait(lambda: self.answers.get(request_id), f"an answer to {request_id}")[0]

    def request(self, message):
        return self.answer(self.send(message))

    def watch(self, query, *params, cursor=None):
        """Subscribes and waits until the result is whole."""
        return self.await_live(self.begin_watch(query, *params, cursor=cursor))

    def begin_watch(self, query, *params, cursor=None, rows=None):
        """Subscribes without waiting. `rows`: what is held as of `cursor`."""
        watch = Watch(f"q{next(self.ids)}", query, params)
        watch.rows = rows or {}
        self.watches[watch.id] = watch
        message = {"type": "subscribe", "id": watch.id, "query": query, "params": list(params)}
        self.send({**message, "cursor": cursor} if cursor else message)
        return watch

    def await_live(self, watch):
        self.wait(lambda: watch.group is not None or watch.error, f"{watch.query} live")
        if watch.error:
            raise refusal(watch.error)
        return watch

    def unsubscribe(self, watch):
        answer = self.request({"type": "unsubscribe", "id": watch.id})
        watch.ended = True
        assert answer["type"] == "unsubscribed", answer

    def commit(self, events, **more):
        """Commits events and waits for the answer; a refusal is raised."""
        answer = self.request({"type": "commit", "events": [event.wire() for event in events], **more})
        if answer["type"] != "committed":
            raise refusal(answer)
        return answer

    def await_covered(self, committed):
        """Waits until a tick says that a commit is in what is held."""
        self.wait(lambda: committed["id"] in self.covered, f"a tick that covers commit {committed['id']}")

    def fetch(self, query, *params):
        request_id = self.send({"type": "fetch", "query": query, "params": list(params)})

        def whole():
            found = self.answers.get(request_id, [])
            return found if found and not found[-1].get("more") else None
        parts = self.wait(whole, f"the result of {query}")
        if parts[0]["type"] != "rows":
            raise refusal(parts[0])
        return {row["key"]: row for part in parts for row in part["rows"]}

    def close(self):
        Loop.run(self.socket.close()).result(ANSWER_SECONDS)


def refusal(message):
    error = Refused(message["code"], message["what"], message["where"], message["hint"],
                    message.get("sqlstate", ""), message.get("constraint"))
    error.event, error.retry, error.message = message.get("event"), message["retry"], message
    return error
