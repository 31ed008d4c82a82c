# acceptance/scenarios/lww.py: LWW-01 to LWW-07: which write holds.
from acceptance.scenarios.promises import hold, refused


def sequential_writes_last_one_holds(world):  # LWW-01
    line = world.line()
    line.commit_each("A@10 create", "B@20(A) title=b", "C@30(B) artist=c", "D@40(C) title=d")
    assert line.row() == {"title": "d", "artist": "c", "n": None}
    hold(line)


def properties_are_independent(world):  # LWW-02
    line = world.line()
    line.commit_each("A@10 create title=a artist=a", "C@30(A) artist=R", "B@20(A) title=T")
    assert line.row() == {"title": "T", "artist": "R", "n": None}
    assert line.head() == {"B", "C"}
    line.commit("D@40(B,C) title=M")
    assert line.row() == {"title": "M", "artist": "R", "n": None}
    hold(line)


def digest_breaks_a_tie(world):  # LWW-03
    for swapped in (False, True):
        line = world.line()
        line.commit("A@10 create title=a")
        left = line.event("B@20(A) title=b")
        right = line.event("C@20(A) title=c", origin=line.maker.new_origin())
        line.commit(*("C", "B") if swapped else ("B", "C"))
        assert line.row()["title"] == ("b" if left.id > right.id else "c")
        assert line.head() == {"B", "C"}
        hold(line)


def depth_is_not_the_rule(world):  # LWW-04
    for order in (("B", "C", "D", "E"), ("C", "D", "E", "B"), ("C", "B", "D", "E")):
        line = world.line()
        line.commit("A@10 create title=a")
        line.events("B@50(A) title=shallow", "C@20(A) title=deep1", "D@30(C) title=deep2",
                    "E@40(D) title=deep")
        line.commit_each(*order)
        assert line.row()["title"] == "shallow"
        assert line.head() == {"B", "E"}
        hold(line)


def id_must_come_after_its_parents(world):  # LWW-05, the hand-made event
    line = world.line()
    line.commit_each("A@10 create title=a", "B@500(A) title=b")
    refused(line, "id_not_after_parents", "C@400(B) title=c")
    assert line.head() == {"B"} and line.row()["title"] == "b"
    refused(line, "id_not_after_parents", "D@500(B) title=d")
    assert line.stored() == ["A", "B"]
    hold(line)


def null_is_a_write(world):  # LWW-07
    for order in (("N", "X"), ("X", "N")):
        older = world.line()
        older.commit("A@10 create title=a")
        older.events("N@30(A) title=null", "X@20(A) title=x")
        older.commit_each(*order)
        assert older.row()["title"] is None
        hold(older)
        newer = world.line()
        newer.commit("A@10 create title=a")
        newer.events("N@30(A) title=null", "X@40(A) title=x")
        newer.commit_each(*order)
        assert newer.row()["title"] == "x"
        hold(newer)


def late_event_wins_only_what_nobody_wrote_later(world):
    line = world.line()
    line.commit_each("A@10 create title=a artist=a n=1", "B@50(A) title=b")
    line.commit("L@30(A) title=late artist=late n=2")
    assert line.row() == {"title": "b", "artist": "late", "n": 2}
    line.commit("M@20(A) title=m artist=m n=3")
    assert line.row() == {"title": "b", "artist": "late", "n": 2}
    assert line.head() == {"B", "L", "M"}
    hold(line)


SCENARIOS = [sequential_writes_last_one_holds, properties_are_independent, digest_breaks_a_tie,
             depth_is_not_the_rule, id_must_come_after_its_parents, null_is_a_write,
             late_event_wins_only_what_nobody_wrote_later]
