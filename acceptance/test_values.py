# acceptance/test_values.py: values in JSON at the limits of what numbers and text are there.
import pytest

from acceptance.harness.agreement import agrees
from acceptance.model.canonical import canonical
from acceptance.scenarios.promises import hold


def test_numbers_that_no_double_holds_stay_apart(world):  # core 22
    lines = [world.line("album") for _ in range(2)]
    for line, number in zip(lines, ("9007199254740993", "9007199254740992")):
        line.commit("A@10 create name=a")
        line.event(f'B@20(A) layout={{"n":{number}}}', salt="00000000000000aa")
    line = lines[0]
    twin = line.event('C@20(A) layout={"n":9007199254740992}', salt="00000000000000aa")
    assert line["B"].id != twin.id
    line.commit("B")
    line.commit("C")
    winner = max(("B", "C"), key=lambda name: line[name].id)
    assert line.row()["layout"] == line[winner].operations["set"]["layout"]
    hold(line)


def test_numbers_beyond_doubles_are_kept(world):  # core 22
    for value in ('{"a":1e400}', '{"a":1.0}', '{"a":1e2}', '{"a":-0}', '{"a":0.1}', '{"a":1e-400}',
                  '{"a":12345678901234567890.123456789}'):
        line = world.line("album")
        line.commit("A@10 create name=a", f"B@20(A) layout={value}")
        hold(line)
        world.database.sql("UPDATE album SET layout = %s::jsonb || '{\"b\":1}' WHERE id = %s", value, line.key)
    agrees(world, "album")


def test_what_jsonb_cannot_hold_is_refused_where_it_is_written(world):
    line = world.line("album")
    line.commit("A@10 create name=a")
    raw = line.event("B@20(A) name=XX").wire()
    for text in ("\\u0000", "\\ud800"):
        message = canonical([raw]).replace('"XX"', f'"{text}"')
        with pytest.raises(Exception) as caught:
            world.database.sql("SELECT plait.commit(%s::jsonb)", message)
        assert caught.value.sqlstate.startswith(("22", "PL"))
    assert line.stored() == ["A"]
