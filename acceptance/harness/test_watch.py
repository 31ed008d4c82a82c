# acceptance/harness/test_watch.py: what a watch and the feed's check must notice in frames that went wrong.
import pytest

from acceptance.harness.client import Watch
from acceptance.harness.feed import whole_and_once


def row(entity, head, **state):
    return {"entity": entity, "key": entity, "head": [head], "state": state}


def test_units_make_the_table():
    watch = Watch("q1", "account", [])
    watch.apply_rows({"reset": True, "rows": [row("X", "1", sum=60), row("Y", "1", sum=40)]})
    watch.apply_delta({"update": [{"entity": "X", "head": ["2"], "set": {"sum": 50}},
                                  {"entity": "Y", "head": ["2"], "set": {"sum": 50}}]})
    assert watch.states() == {"X": {"sum": 50}, "Y": {"sum": 50}} and not watch.anomalies
    watch.apply_delta({"add": [row("Z", "3", sum=0)], "remove": [{"entity": "X", "gone": True}]})
    assert sorted(watch.states()) == ["Y", "Z"] and not watch.anomalies


def test_query_first_and_register_second_is_caught():  # core 18
    watch = Watch("q1", "account", [])
    watch.apply_rows({"reset": True, "rows": [row("X", "1", n=1)]})
    # Y was added between the query and the registration: its update comes for no member.
    watch.apply_delta({"update": [{"entity": "Y", "head": ["3"], "set": {"n": 2}}]})
    assert watch.anomalies
    assert watch.states() != {"X": {"n": 1}, "Y": {"n": 2}}


def test_register_first_and_query_second_is_caught():  # core 18, the other way round
    watch = Watch("q1", "account", [])
    watch.apply_rows({"reset": True, "rows": [row("X", "1", n=1), row("Y", "2", n=1)]})
    watch.apply_delta({"add": [row("Y", "2", n=1)]})
    assert watch.anomalies


def test_a_delta_for_each_entity_is_caught():  # core 20
    watch, sums = Watch("q1", "account", []), []
    watch.apply_rows({"reset": True, "rows": [row("X", "1", sum=60), row("Y", "1", sum=40)]})
    for entity, value in (("X", 50), ("Y", 50)):
        watch.apply_delta({"update": [{"entity": entity, "head": ["2"], "set": {"sum": value}}]})
        sums.append(sum(state["sum"] for state in watch.states().values()))
    assert sums != [100, 100]


def change(cursor, event, xid, *parents):
    return {"cursor": cursor, "id": event, "parents": list(parents), "xid": xid}


@pytest.mark.parametrize("rows", [
    [change("1.0", "a", "1")], [change("1.0", "a", "1"), change("1.0", "b", "1", "a"), change("2.0", "b", "1", "a")],
    [change("1.0", "b", "1", "a"), change("1.0", "a", "1")], [change("1.0", "a", "1"), change("2.0", "b", "1", "a")],
    [change("2.0", "a", "1"), change("1.0", "b", "1", "a")],
    [change("1.0", "a", "1"), change("1.0", "b", "1", "a"), change("1.0", "c", "1")],
], ids=["missing", "twice", "child first", "torn", "backwards", "never committed"])
def test_a_feed_that_is_not_whole_is_caught(rows):
    stored = {"a": "1", "b": "1"}
    whole_and_once([change("1.0", "a", "1"), change("1.0", "b", "1", "a")], stored)
    with pytest.raises((AssertionError, KeyError)):
        whole_and_once(rows, stored)
