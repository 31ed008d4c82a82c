# acceptance/scenarios/lifecycle.py: LC-01 to LC-11: creating, deleting, restoring.
from acceptance.model.ulid import hlc_at
from acceptance.scenarios.promises import hold, refused


def unknown_entity_stays_unknown(world):  # LC-01
    line = world.line()
    line.event("A@10 create title=a")
    line.event("B@20(A) title=b")
    refused(line, "missing_parents", "B")
    assert line.stored() == [] and line.row() is None and line.head() == set()


def genesis_must_have_the_id_of_its_content(world):  # LC-02
    line = world.line()
    honest = line.event("A@10 create title=a")
    other = line.event("F@10 create title=forged")
    forged = type(honest)(**{**other.__dict__, "id": honest.id})
    refused(world, "digest_mismatch", [forged])
    assert line.stored() == [] and line.row() is None


def delete_beside_edits_then_restore(world):  # LC-03, core 8, name and owner only
    for order in (("D", "E", "F"), ("E", "F", "D"), ("E", "D", "F"), ("F", "D", "E")):
        line = world.line("album")
        line.commit("A@10 create name=t owner=a year=1990")
        line.events("D@50(A) del", "E@60(A) name=new", "F@70(A) owner=f")
        line.commit_each(*order)
        assert line.row() is None
        assert line.head() == {"D", "E", "F"}
        hold(line)
        line.commit("R@80(D,E,F) create")
        row = line.row()
        assert (row["name"], row["owner"], row["year"]) == ("new", "f", 1990)
        assert line.head() == {"R"}
        hold(line)


def second_genesis_is_refused(world):  # LC-05, core 9, by commit
    line = world.line()
    line.commit_each("A@10 create title=first", "B@20(A) artist=b")
    other = line.event("Z@30 create title=second", origin=line.maker.new_origin())
    error = refused(line, "entity_exists", "Z")
    assert line.row() == {"title": "first", "artist": "b", "n": None}
    assert line.stored() == ["A", "B"]
    twin = line.event("T@10 create title=first", origin=line.maker.new_origin())
    refused(line, "entity_exists", "T")
    line.commit("D@40(B) del")
    refused(line, "entity_exists", "Z")
    assert line.row() is None and other.id != twin.id
    hold(line)
    return error


def same_genesis_twice_is_one(world):  # LC-06
    line = world.line()
    line.commit("A@10 create title=a")
    assert line.commit("A") == ["known"]
    line.commit("B@20(A) title=b")
    assert line.commit("A") == ["known"]
    assert line.row()["title"] == "b" and line.head() == {"B"}
    hold(line)


def children_wait_for_their_genesis(world):  # LC-07
    line = world.line()
    line.events("A@10 create title=a", "B@20(A) title=b", "C@30(B) artist=c")
    for early in (["C"], ["B"], ["C", "B"]):
        error = refused(line, "missing_parents", *early)
        assert line.stored() == []
    line.commit("A")
    refused(line, "missing_parents", "C")
    line.commit("C", "B")
    assert line.row() == {"title": "b", "artist": "c", "n": None}
    hold(line)
    return error


def equal_content_makes_two_entities(world):  # LC-08
    left, right = world.line(), world.line()
    left.commit("A@10 create title=same")
    right.commit("A@10 create title=same")
    assert left["A"].id != right["A"].id
    left.commit("B@20(A) title=changed")
    assert right.row()["title"] == "same"
    hold(left)
    hold(right)


LIFECYCLES = {  # LC-11: what happened before, the two writes, is there a row and with which title
    "delete beside delete": (["A@10 create title=a"], ["X@50(A) del", "Y@60(A) del"], None),
    "delete twice": (["A@10 create title=a", "X@50(A) del"], ["Y@60(X) del"], None),
    "delete, later create": (["A@10 create title=a"], ["X@50(A) del", "Y@60(A) create title=y"], "y"),
    "create, later delete": (["A@10 create title=a"], ["X@50(A) create title=x", "Y@60(A) del"], None),
    "restore, later delete": (["A@10 create title=a", "D@30(A) del"],
                              ["X@50(D) create title=x", "Y@60(D) del"], None),
    "delete, later restore": (["A@10 create title=a", "D@30(A) del"],
                              ["X@50(D) del", "Y@60(D) create"], "a"),
    "edit after restore": (["A@10 create title=a", "D@30(A) del", "X@50(D) create title=x"],
                           ["Y@60(X) title=y", "Z@55(X) artist=z"], "y"),
    "restore beside restore": (["A@10 create title=a", "D@30(A) del"],
                               ["X@50(D) create title=x", "Y@60(D) create title=y"], "y"),
}


def lifecycle_is_one_register(world):  # LC-11
    for name, (before, writes, title) in LIFECYCLES.items():
        for order in (writes, writes[::-1]):
            line = world.line()
            line.commit_each(*before)
            line.events(*[write for write in writes])
            line.commit_each(*[write.split("@")[0] for write in order])
            row = line.row()
            assert (row and row["title"]) == title, f"{name}, {order}: {row}"
            hold(line)


def set_never_resurrects(world):
    line = world.line()
    line.commit_each("A@10 create title=a", "D@20(A) del", "E@30(D) title=e", "F@90(E) artist=f")
    assert line.row() is None and line.head() == {"F"}
    line.commit("R@95(F) create n=7")
    assert line.row() == {"title": "e", "artist": "f", "n": 7}
    hold(line)


def create_on_a_living_entity_sets_what_it_names(world):
    line = world.line()
    line.commit_each("A@10 create title=a artist=a n=1", "C@20(A) create title=c")
    assert line.row() == {"title": "c", "artist": "a", "n": 1}
    line.commit("L@15(A) create artist=late title=late")
    assert line.row() == {"title": "c", "artist": "late", "n": 1}
    hold(line)


def genesis_must_create(world):
    line = world.line()
    event = line.maker.make_at(hlc_at(10), [], {"set": {"title": "x"}})
    refused(world, {"bad_event", "bad_value", "missing_parents"}, [event])
    assert line.stored() == []


SCENARIOS = [unknown_entity_stays_unknown, genesis_must_have_the_id_of_its_content,
             delete_beside_edits_then_restore, second_genesis_is_refused, same_genesis_twice_is_one,
             children_wait_for_their_genesis, equal_content_makes_two_entities,
             lifecycle_is_one_register, set_never_resurrects,
             create_on_a_living_entity_sets_what_it_names, genesis_must_create]
