# acceptance/model/test_model.py: the model passes every scenario; each naive variant fails its own.
import random

import pytest

from acceptance.model import ulid, wrong
from acceptance.model.canonical import canonical, read_json
from acceptance.model.world import MemoryWorld
from acceptance.scenarios import dags, determinism, heads, lifecycle, lww, transactions

ALL = heads.SCENARIOS + lww.SCENARIOS + lifecycle.SCENARIOS + dags.SCENARIOS + transactions.SCENARIOS


def any_order(world):
    rng = random.Random(6)
    for order in determinism.orders():
        determinism.in_this_order(world, order, rng)


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.__name__)
def test_the_model_keeps_its_promises(scenario):
    scenario(MemoryWorld())


def test_the_model_does_not_depend_on_order():
    any_order(MemoryWorld())
    determinism.chain_in_one_commit_in_any_wire_order(MemoryWorld())
    dags.agrees_with_the_transitive_closure(MemoryWorld(), random.Random(15), count=100)
    heads.wide_head_collapses_under_one_merge(MemoryWorld())


CAUGHT = [
    (dags.uneven_paths_count_once, wrong.CountsPaths),
    (dags.uneven_paths_count_once, wrong.FastForwardsByCompare),
    (dags.parents_must_be_of_the_same_entity, wrong.ParentsAnywhere),
    (heads.ancestor_delivered_again_changes_nothing, wrong.ForgetsWhatItKnows),
    (heads.stale_client_extends_one_tip, wrong.DeeperWins),
    (heads.stale_client_extends_one_tip, wrong.LastArrivedWins),
    (heads.stale_client_extends_one_tip, wrong.ReplacesHead),
    (heads.redundant_parents_reopen_nothing, wrong.OrderOfParentsCounts),
    (lww.properties_are_independent, wrong.OneWinnerForAll),
    (lww.depth_is_not_the_rule, wrong.DeeperWins),
    (lww.null_is_a_write, wrong.NullIsNoWrite),
    (any_order, wrong.LastArrivedWins),
    (lifecycle.delete_beside_edits_then_restore, wrong.SetResurrects),
    (lifecycle.delete_beside_edits_then_restore, wrong.DeadForget),
    (lifecycle.second_genesis_is_refused, wrong.SecondGenesisResets),
    (lifecycle.children_wait_for_their_genesis, wrong.KeepsChildren),
    (lifecycle.lifecycle_is_one_register, wrong.LastArrivedWins),
    (transactions.third_event_breaks_a_check, wrong.KeepsPart),
    (dags.merge_brings_its_whole_branch, wrong.JumpsToTip),
]


@pytest.mark.parametrize("scenario, variant", CAUGHT,
                         ids=lambda part: getattr(part, "__name__", ""))
def test_a_naive_variant_is_caught(scenario, variant):
    with pytest.raises((AssertionError, KeyError, pytest.fail.Exception)):
        scenario(variant())


def test_a_digest_over_doubles_is_caught():  # core 22
    left, right = read_json('{"n":9007199254740993}'), read_json('{"n":9007199254740992}')
    assert canonical(left) != canonical(right)
    assert wrong.digest_text_over_doubles(left["n"]) == wrong.digest_text_over_doubles(right["n"])


def test_a_counter_that_wraps_is_caught():  # core 12
    far = ulid.hlc_at(0, 65_535)
    assert wrong.wrapping_hlc(0, far) < far


def test_a_cursor_by_transaction_id_is_caught():  # core 16
    before = [{"xid": 725, "id": "kept"}]
    after = before + [{"xid": 726, "id": "new, with the id of a transaction rolled back"}]
    cursor = 727  # taken while the rolled-back 726 was known to the server, which then crashed
    delivered = before + wrong.xid_cursor_feed(after, cursor)
    assert {event["id"] for event in delivered} != {event["id"] for event in after}
