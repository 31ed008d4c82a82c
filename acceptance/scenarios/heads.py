# acceptance/scenarios/heads.py: HEAD-01 to HEAD-08: how the head moves.
from acceptance.scenarios.promises import hold, relates


def head_follows_branch_and_merge(world):  # HEAD-01
    line = world.line()
    heads = []
    for notation in ("A@10 create title=a", "B@20(A) title=b", "C@30(A) title=c", "D@40(B,C) title=d",
                     "E@50(D)", "F@60(D) title=f", "G@70(E,F) title=g"):
        line.commit(notation)
        heads.append(line.head())
    assert heads == [{"A"}, {"B"}, {"B", "C"}, {"D"}, {"E"}, {"E", "F"}, {"G"}]
    assert len(line.stored()) == 7
    assert line.row()["title"] == "g"
    hold(line)


def ancestor_delivered_again_changes_nothing(world):  # HEAD-02, core 3
    line = world.line()
    line.commit_each("A@10 create title=a", "B@20(A) title=b", "C@30(B) title=c")
    for again in (["B"], ["A"], ["C", "B", "A"], *[["B"]] * 100):
        line.commit(*again)
        assert line.head() == {"C"}
    assert line.row()["title"] == "c"
    assert line.stored() == ["A", "B", "C"]
    hold(line)


def stale_client_extends_one_tip(world):  # HEAD-03, core 4
    line = world.line()
    line.commit_each("A@10 create title=a", "B@20(A) title=b", "C@60(A) title=c artist=c")
    assert line.head() == {"B", "C"}
    line.commit("E@50(B) title=e")
    assert line.head() == {"C", "E"}
    assert (line.row()["title"], line.row()["artist"]) == ("c", "c")
    line.commit("F@70(E) title=f")
    assert line.head() == {"C", "F"}
    assert (line.row()["title"], line.row()["artist"]) == ("f", "c")
    hold(line)


def genesis_alone_is_head_and_row(world):  # HEAD-04
    line = world.line()
    line.commit("A@10 create title=a n=3")
    assert line.head() == {"A"}
    assert line.row() == {"title": "a", "artist": None, "n": 3}
    hold(line)


def redundant_parents_reopen_nothing(world):  # HEAD-08
    line = world.line()
    line.commit_each("A@10 create title=a", "B@20(A) artist=b", "C@30(A) title=c", "E@40(A,C) title=e")
    assert line.head() == {"B", "E"}
    relates(line, {"E"}, {"A"}, "descends")
    line.commit("F@50(A,E,B) n=1")
    assert line.head() == {"F"}
    assert line.row() == {"title": "e", "artist": "b", "n": 1}
    hold(line)


def event_without_operations_moves_the_head(world):
    line = world.line()
    line.commit_each("A@10 create title=a", "B@20(A) title=b", "C@30(A) artist=c", "J@40(B,C)")
    assert line.head() == {"J"}
    assert line.row() == {"title": "b", "artist": "c", "n": None}
    hold(line)


def wide_head_collapses_under_one_merge(world, width=200):  # DET-03 within the greatest width
    line = world.line()
    line.commit("A@10 create title=a")
    names = [f"W{i}" for i in range(width)]
    line.commit(*[f"{name}@{1000 - i}(A) title=t{i}" for i, name in enumerate(names)])
    assert line.row()["title"] == "t0"
    line.commit(f"M@2000({','.join(names)}) n=1")
    assert "M" in line.head() and not line.head() & set(names)
    assert line.row() == {"title": "t0", "artist": None, "n": 1}


SCENARIOS = [head_follows_branch_and_merge, ancestor_delivered_again_changes_nothing,
             stale_client_extends_one_tip, genesis_alone_is_head_and_row,
             redundant_parents_reopen_nothing, event_without_operations_moves_the_head]
