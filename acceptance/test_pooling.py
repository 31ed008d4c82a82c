# acceptance/test_pooling.py: PgBouncer between application and database, roles and claims a transaction.
import json
import os
import shutil
import socket
import subprocess
import threading

import psycopg2
import pytest

from acceptance.harness.waiting import until

WORKERS, TRANSACTIONS, SERVER_CONNECTIONS = 8, 30, 3


@pytest.fixture
def pooled(database):
    """Connects to the database through PgBouncer in transaction mode: a few server connections serve all."""
    if shutil.which("pgbouncer") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("pgbouncer is missing")
        pytest.skip("there is no pgbouncer")
    environment = database.cluster.environment
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # It refuses to run as root, and pytest's folder is root's alone.
    folder = database.cluster.folder
    users = folder / "users.txt"
    users.write_text('"postgres" ""\n"authenticator" ""\n')
    settings = folder / "pgbouncer.ini"
    settings.write_text(f"""
[databases]
* = host={folder} port={environment['PGPORT']}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = {SERVER_CONNECTIONS}
""")
    for path in (users, settings):
        path.chmod(0o644)
    command = ["pgbouncer", "-q", str(settings)]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    connections = []

    def connect(user="postgres"):
        connections.append(psycopg2.connect(host="127.0.0.1", port=port, dbname=database.name, user=user))
        return connections[-1]

    def answers():
        try:
            return connect()
        except psycopg2.OperationalError:
            assert process.poll() is None, "pgbouncer ended"
            return None

    try:
        until(answers, "PgBouncer answers")
        yield connect
    finally:
        for connection in connections:
            connection.close()
        process.terminate()
        process.wait()


@pytest.fixture
def notes(database):
    database.sql("""
        DO $$ BEGIN
          IF to_regrole('authenticator') IS NULL THEN
            CREATE ROLE authenticator LOGIN NOINHERIT; CREATE ROLE web; CREATE ROLE anonymous; GRANT web, anonymous TO authenticator;
          END IF;
        END $$;
        CREATE TABLE note (id int PRIMARY KEY, author text, body text);
        SELECT plait.track('note');
        GRANT SELECT, INSERT, UPDATE, DELETE ON note TO web;
        GRANT SELECT ON note TO anonymous;
    """)
    return database


def as_user(cursor, role, subject, request):
    """What PostgREST says at the beginning of each transaction."""
    cursor.execute(f"SET LOCAL ROLE {role}")
    cursor.execute("SELECT set_config('request.jwt.claims', %s, true)", (json.dumps({"sub": subject, "role": role}),))
    cursor.execute("SELECT set_config('plait.context', %s, true)", (json.dumps({"correlation_id": request}),))


def test_each_transaction_is_told_with_its_own_role_claims_and_context(notes, pooled):
    """Connections change hands between transactions; nothing of the one may show in the next."""
    failures = []

    def work(worker):
        try:
            connection = pooled("authenticator")
            for step in range(TRANSACTIONS):
                number = worker * TRANSACTIONS + step
                with connection, connection.cursor() as cursor:
                    if step % 2:
                        as_user(cursor, "web", f"user {worker}", f"request {number}")
                    else:
                        cursor.execute("SET LOCAL ROLE web")
                    cursor.execute("INSERT INTO note VALUES (%s, %s, 'new')", (number, f"user {worker}"))
                    if step % 3 == 0:
                        cursor.execute("SAVEPOINT s")
                        cursor.execute("UPDATE note SET body = 'never' WHERE id = %s", (number,))
                        cursor.execute("ROLLBACK TO s")
                    cursor.execute("UPDATE note SET body = 'changed' WHERE id = %s", (number,))
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []

    notes.sql("CALL plait.advance()")
    events = notes.records("SELECT key, operations, actor, context FROM plait.changes(NULL, 1000000) ORDER BY cursor, id")
    assert len(events) == 2 * WORKERS * TRANSACTIONS
    for event in events:
        number = int(event["key"])
        claimed = {"subject": f"user {number // TRANSACTIONS}"} if number % 2 else {}
        assert event["actor"] == {"session_user": "authenticator", "current_user": "web", **claimed}, event
        assert event["context"] == ({"correlation_id": f"request {number}"} if number % 2 else {}), event
    assert notes.verify() == []


def test_a_refused_transaction_leaves_nothing_to_the_next(notes, pooled):
    connection = pooled("authenticator")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege), connection, connection.cursor() as cursor:
        as_user(cursor, "anonymous", "nobody", "refused")
        cursor.execute("INSERT INTO note VALUES (1, 'a', 'b')")
    notes.sql("INSERT INTO note VALUES (2, 'a', 'b')")
    with connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE web")
        cursor.execute("UPDATE note SET body = 'c'")
    told = notes.records("SELECT actor, context FROM plait.history('note', '2') OFFSET 1")
    assert told == [{"actor": {"session_user": "authenticator", "current_user": "web"}, "context": {}}]


def test_a_follower_behind_a_pooler_asks(notes, pooled):
    """LISTEN needs a session; ticks and changes do not."""
    notes.sql("INSERT INTO note VALUES (1, 'a', 'one')")
    connection = pooled()
    connection.autocommit = True
    seen, cursor_name = [], None
    with connection.cursor() as cursor:
        for body in ("two", "three"):
            notes.sql("UPDATE note SET body = %s", body)
            cursor.execute("CALL plait.advance()")
            cursor.execute("SELECT cursor, operations FROM plait.changes(%s)", (cursor_name,))
            for cursor_name, operations in cursor.fetchall():
                seen.append(operations["set"].get("body"))
    assert seen == ["one", "two", "three"]
