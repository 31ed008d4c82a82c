# acceptance/test_live_load.py: live queries while others write: no gap, no double, no half transaction.
import random
import threading

from acceptance.harness.live import catches_up, table
from acceptance.harness.sql_world import SqlWorld
from acceptance.harness.worker import Worker
from acceptance.model.ulid import hlc_of, ulid_from_integer


def test_two_gateways_tell_the_same(people, gateway):
    other = gateway()
    watches = [people.client.watch("dog"), other.client().watch("dog")]
    people.database.sql("INSERT INTO dog SELECT i, 'x', i FROM generate_series(1, 100) i")
    for i in range(20):
        people.database.sql("UPDATE dog SET age = age + 1 WHERE id %% 20 = %s", i)
    for client, watch in zip((people.client, other.clients[0]), watches):
        catches_up(client, watch, people.database)
    assert watches[0].rows == watches[1].rows


class Load(Worker):
    """A writer at full speed, by SQL or by commit, until it is told to stop."""

    def __init__(self, database, number, stop, seed):
        super().__init__()
        self.number, self.stop, self.rng = number, stop, random.Random(seed)
        self.database, self.on = database, database.connect()
        self.rounds = 0

    def work(self):
        while not self.stop.is_set():
            self.once()
            self.rounds += 1

    def once(self):
        kind, key = self.rng.random(), self.number * 1000 + self.rng.randint(0, 30)
        if kind < 0.4:
            self.database.sql("INSERT INTO dog VALUES (%s, 'new', %s) ON CONFLICT (id) DO UPDATE SET age = "
                              "excluded.age", key, self.rng.randint(0, 9), on=self.on)
        elif kind < 0.8:
            self.database.sql("UPDATE dog SET age = %s, name = %s WHERE id = %s", self.rng.randint(0, 9),
                              self.rng.choice("abc"), key, on=self.on)
        else:
            self.database.sql("DELETE FROM dog WHERE id = %s", key, on=self.on)


def test_two_hundred_subscribes_under_eight_writers(people, rng):  # SUB-05, core 18
    stop = threading.Event()
    writers = [Load(people.database, i, stop, rng.random()) for i in range(8)]
    for writer in writers:
        writer.start()
    queries = ["dog", "dog where age > 4", "dog where name = 'a' and age < 7", "dog where id < 4000",
               "dog where age in (1, 3)"]
    clients = [people.gateway.client() for _ in range(20)]
    watches = []
    for number in range(200):
        client = clients[number % len(clients)]
        watches.append((client, client.begin_watch(queries[number % len(queries)])))
    for client, watch in watches:
        client.await_live(watch)
    stop.set()
    for writer in writers:
        writer.finish()
        assert writer.rounds > 10
    expected = {query: table(people.database, query) for query in queries}
    for client, watch in watches:
        client.wait(lambda watch=watch: watch.states() == expected[watch.query], f"{watch.query} equal to a SELECT")
        assert not watch.anomalies, watch.anomalies[:3]


def transfer_by_sql(database, on, amount):
    database.sql("BEGIN; UPDATE account SET sum = sum - %s WHERE id = 1;"
                 "UPDATE account SET sum = sum + %s WHERE id = 2; COMMIT", amount, amount, on=on)


def test_nobody_sees_half_a_transfer(database, rng, gateway):  # SUB-13, core 20
    world = SqlWorld(database, rng, fixtures=False)
    database.sql("CREATE TABLE account (id int PRIMARY KEY, sum int); INSERT INTO account VALUES (1, 60), (2, 40)")
    world.track("account")
    server = gateway()
    both, two = server.client(), server.client()
    whole = both.watch("account")
    parts = [two.watch("account where id = 1"), two.watch("account where id = 2")]
    sums = {both: [], two: []}

    def note(client):
        watches = [whole] if client is both else parts
        sums[client].append(sum(state["sum"] for watch in watches for state in watch.states().values()))
    both.on_unit = two.on_unit = note
    committer = server.client()
    for number in range(60):
        amount = rng.randint(-10, 10) or 1
        if number % 3:
            transfer_by_sql(database, database.main, amount)
        else:
            transfer_by_commit(world, committer, amount)
    final = dict(database.sql("SELECT id, sum FROM account"))
    assert sum(final.values()) == 100
    two.wait(lambda: [watch.states()[str(i + 1)]["sum"] for i, watch in enumerate(parts)] == [final[1], final[2]],
             "the last transfer")
    catches_up(both, whole, database)
    assert set(sums[both]) == set(sums[two]) == {100}


def transfer_by_commit(world, client, amount):
    events = []
    for key, sign in ((1, -1), (2, 1)):
        line = world.line("account", ulid_from_integer(key))
        line.key = str(key)
        head = world.head_ids(line)
        (total,) = world.database.column("SELECT sum FROM account WHERE id = %s", key)
        events.append(line.maker.make_at(max(map(hlc_of, head)) + 1, head, {"set": {"sum": total + sign * amount}}))
    client.commit(events)
