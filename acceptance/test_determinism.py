# acceptance/test_determinism.py: DET-01 and DET-02 through SQL: 45 orders, random splits, random repeats.
from acceptance.harness.agreement import agrees
from acceptance.scenarios import determinism
from acceptance.scenarios.promises import hold


def test_every_order_split_and_repeat_gives_one_state(world, rng):  # core 6
    histories = set()
    for order in determinism.orders():
        line = determinism.in_this_order(world, order, rng)
        told = world.database.sql("SELECT id::text, operations::text FROM plait.history('album', %s)", line.key)
        histories.add(tuple((line.maker.name_of(event_id), operations) for event_id, operations in told))
    assert len(histories) == 1
    hold(line)
    assert len(agrees(world, "album")) == 45


def test_every_order_after_a_rollback(world, rng):
    for order in rng.sample(determinism.orders(), 10):
        line = world.line("album")
        line.events(*determinism.EVENTS.values())
        world.database.sql("BEGIN")
        line.commit(*order[:rng.randint(1, 8)])
        world.database.sql("ROLLBACK")
        assert line.stored() == []
        line.commit(*order)
        assert line.head() == {"H"}
    agrees(world, "album")


def test_order_inside_a_commit_means_nothing(world):
    determinism.chain_in_one_commit_in_any_wire_order(world)
