# acceptance/scenarios/transactions.py: TX-01: a commit is kept whole or not at all.
from acceptance.scenarios.promises import hold, refused


def third_event_breaks_a_check(world):  # TX-01, core 25
    lines = [world.line() for _ in range(3)]
    geneses = [line.event("A@10 create title=a n=1") for line in lines]
    world.commit(geneses)
    writes = [lines[0].event("B@20(A) title=one"), lines[1].event("B@21(A) title=two"),
              lines[2].event("B@22(A) n=-5")]
    error = refused(world, "constraint_violation", writes)
    assert error.constraint == "rec_n_check"
    for line in lines:
        assert line.stored() == ["A"] and line.head() == {"A"} and line.row()["title"] == "a"
    assert world.commit(writes[:2]) == ["accepted", "accepted"]
    assert [line.row()["title"] for line in lines] == ["one", "two", "a"]
    for line in lines[:2]:
        hold(line)
    return error


SCENARIOS = [third_event_breaks_a_check]
