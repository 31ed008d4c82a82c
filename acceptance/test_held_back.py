# acceptance/test_held_back.py: open transactions hold back their own events alone; plait.status() names them; reading stays cheap.
import json

import pytest

TABLE = "CREATE TABLE log (id int PRIMARY KEY, v int); SELECT plait.track('log')"


@pytest.fixture
def log(database):
    database.sql(TABLE)
    return database


def held(database, on=None):
    return database.value("SELECT value FROM plait.status() WHERE item = 'held_back'", on=on)


def open_transaction(database, *statements, user="postgres"):
    connection = database.connect(user, autocommit=False)
    for statement in statements:
        database.sql(statement, on=connection)
    return connection


def xid_of(database, on):
    return database.value("SELECT pg_current_xact_id()::text", on=on)


def test_status_names_who_holds_events_back(log, new_database):
    """One with events, and one that is prepared; not those that have written none here."""
    log.sql("INSERT INTO log VALUES (0, 0); CREATE TABLE other (id int)")
    log.sql("CALL plait.advance()")
    assert held(log) == []
    writer = open_transaction(log, "SET application_name = 'the bulk load'", "INSERT INTO log VALUES (1, 1)")
    open_transaction(log, "INSERT INTO other VALUES (1)")
    open_transaction(log, "SAVEPOINT a; INSERT INTO log VALUES (2, 2); ROLLBACK TO a")
    elsewhere = new_database()
    elsewhere.sql(TABLE)
    stranger = open_transaction(elsewhere, "INSERT INTO log VALUES (1, 1)")
    log.sql("BEGIN; INSERT INTO log VALUES (3, 3)")
    prepared = xid_of(log, log.main)
    log.sql("PREPARE TRANSACTION 'held'")
    newest = open_transaction(log, "INSERT INTO log VALUES (4, 4)")  # nothing that began after them has ended
    assert [one["xid"] for one in held(log)][-2:] == [prepared, xid_of(log, newest)]
    newest.rollback()

    first, second = held(log)
    assert first.pop("since") and second.pop("since")
    assert first == {"holds": "its events", "xid": xid_of(log, writer), "pid": writer.info.backend_pid,
                     "user": "postgres", "application": "the bulk load", "state": "idle in transaction"}
    assert second == {"holds": "its events", "xid": prepared, "prepared": "held", "user": "postgres"}
    assert [one["xid"] for one in held(elsewhere)] == [xid_of(elsewhere, stranger)]
    assert [one["xid"] for one in held(log, on=writer)] == [xid_of(log, writer), prepared]
    assert log.value("SELECT complete FROM plait.feed_position()")
    writer.commit()
    log.sql("ROLLBACK PREPARED 'held'")
    assert held(log) == []


def test_status_names_who_holds_all_ticks_back(log):
    log.sql("INSERT INTO log VALUES (0, 0)")
    log.sql("CALL plait.advance()")
    holder = open_transaction(log, "LOCK TABLE plait.feed_lock IN SHARE ROW EXCLUSIVE MODE")
    (one,) = held(log)
    assert (one["holds"], one["pid"], "xid" in one) == ("all ticks", holder.info.backend_pid, False)
    holder.rollback()
    assert held(log) == []


def test_status_shows_no_more_than_postgres_does(log):
    """Of another's session pg_stat_activity hides since when and what it does."""
    roles = ("held_writer", "held_reader", "held_monitor")
    for role in roles:
        log.sql(f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN")
    log.sql("GRANT INSERT ON log TO held_writer; GRANT pg_read_all_stats TO held_monitor")
    try:
        writer = open_transaction(log, "INSERT INTO log VALUES (1, 1)", user="held_writer")
        known = {"holds": "its events", "xid": xid_of(log, writer)}
        sessions = {role: log.connect(role) for role in roles}
        for role, more in (("held_writer", True), ("held_reader", False), ("held_monitor", True)):
            (one,) = held(log, on=sessions[role])
            assert one["pid"] == writer.info.backend_pid and one["user"] == "held_writer" and known.items() <= one.items()
            assert ("since" in one) is ("state" in one) is more, (role, one)
        log.sql("REVOKE SELECT ON pg_stat_activity FROM PUBLIC")
        assert held(log, on=sessions["held_reader"]) == [known]
        writer.rollback()
        assert held(log, on=sessions["held_reader"]) == []
    finally:
        for connection in log.connections[1:]:
            connection.close()
        for role in roles:
            log.sql(f"DROP OWNED BY {role}; DROP ROLE {role}")


def buffers(database, query):
    """How many pages it looks at, once its catalogue is known."""
    database.sql(query)
    text = database.value(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}")
    (told,) = json.loads(text) if isinstance(text, str) else text
    return told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"]


def costs_of_a_poll(database):
    """When there is nothing new, when there is one event that no tick has, and when one has it."""
    database.sql("CALL plait.advance()")
    cursor = database.value("SELECT plait.cursor()")
    position, changes = "SELECT * FROM plait.feed_position()", f"SELECT * FROM plait.changes('{cursor}')"
    costs = [buffers(database, position), buffers(database, changes)]
    database.sql("UPDATE log SET v = v + 1 WHERE id = 0")
    costs.append(buffers(database, position))
    database.sql("CALL plait.advance()")
    return [*costs, buffers(database, changes)]


MANY = {"one transaction": "INSERT INTO log SELECT i, i FROM generate_series({first}, {last}) i",
        "many transactions": """DO $$ BEGIN FOR i IN {first}..{last} LOOP INSERT INTO log VALUES (i, i); COMMIT; END LOOP;
                                END $$"""}


@pytest.mark.parametrize("how", MANY)
def test_a_poll_costs_the_same_however_many_events_came_after_an_open_transaction(log, new_database, how):
    """Beside writers that stay open, here and in another database. In pages; a tree grows by a level in the meantime."""
    elsewhere = new_database()
    elsewhere.sql(TABLE)
    log.sql("INSERT INTO log VALUES (0, 0); SET synchronous_commit = off")
    open_transaction(elsewhere, "INSERT INTO log SELECT i, i FROM generate_series(1, 1000) i")
    open_transaction(log, "INSERT INTO log SELECT i, i FROM generate_series(1000001, 1001000) i")
    costs, first = [], 1
    for last in (1_000, 10_000):
        for part in range(first, last, 500):  # a tick for each 500 events
            log.sql(MANY[how].format(first=part, last=part + 499))
            log.sql("CALL plait.advance()")
        first = last + 1
        costs.append(costs_of_a_poll(log))
    few, many = costs
    assert all(after <= before + 8 for before, after in zip(few, many)), costs
    assert max(many) < 40, costs
