# acceptance/harness/live.py: a watch against the table that it watches.
from acceptance.model.canonical import read_json


def table(database, query, params=()):
    """What SELECT says, in the shape of Watch.states(). Parameters are numbers here."""
    name, _, where = query.partition(" where ")
    for i, param in enumerate(params):
        where = where.replace(f"${i + 1}", str(int(param)))
    return {key: read_json(state) for key, state in database.sql(
        f"SELECT s.key, s.state::text FROM {name} t, LATERAL plait.snapshot(t) s WHERE {where or 'true'}")}


def catches_up(client, watch, database):
    """Waits until the watch equals a SELECT, then says that nothing odd came."""
    expected = table(database, watch.query, watch.params)
    client.wait(lambda: watch.states() == expected, f"{watch.query} equal to its table {str(expected)[:300]}")
    assert not watch.anomalies, watch.anomalies[:3]
