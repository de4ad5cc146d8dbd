"""Balance: equal tokens, even spread, one distribution of lengths."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shrump.dataset.balancing import (
    LENGTH_STEP,
    common_budget,
    common_lengths,
    spread_evenly,
    spread_order,
    take_lengths,
    take_tokens,
)

LENGTHS = st.lists(st.integers(4, 40), min_size=1, max_size=200).map(np.asarray)


def dice():
    return np.random.default_rng(1)


def test_every_beginning_holds_the_same_part_of_each_group():
    groups = np.repeat([5, 6, 7], [100, 200, 700])
    order = spread_evenly(groups, dice())
    assert sorted(order) == list(range(1000))
    for size in (50, 100, 500):
        counts = np.unique(groups[order[:size]], return_counts=True)[1]
        assert np.abs(counts / size - [0.1, 0.2, 0.7]).max() < 0.03


def test_strata_come_in_proportion_to_their_weights_until_they_are_used_up():
    strata = np.repeat([0, 1], [1000, 30])
    order = spread_order(strata, np.array([1.0, 1.0]), dice())
    assert abs(strata[order[:40]].sum() - 20) <= 2
    assert strata[order[:100]].sum() == 30


def test_tokens_are_taken_to_the_nearest_whole_text():
    tokens = np.array([5, 4, 3, 10])
    order = np.array([3, 0, 1, 2])
    assert take_tokens(order, tokens, 16).tolist() == [3, 0]
    assert take_tokens(order, tokens, 100).tolist() == [3, 0, 1, 2]
    assert take_tokens(order, tokens, 4).tolist() == []


def test_the_budget_is_what_the_poorest_part_allows():
    assert common_budget([[800, 100, 90], [5000, 5000, 5000]], [0.8, 0.1, 0.1]) == 900


@given(LENGTHS, LENGTHS, LENGTHS, st.sampled_from([1.0, 2.0, 0.5]))
def test_all_labels_can_give_the_common_lengths(one, two, other, ratio):
    ratios = [1.0, 1.0, ratio]
    unit = common_lengths([one, two, other], ratios)
    for lengths, times in zip((one, two, other), ratios, strict=True):
        counts = np.floor(unit * times).astype(int)
        taken = take_lengths(np.arange(len(lengths))[::-1], lengths, counts)
        assert (np.bincount(lengths[taken] // LENGTH_STEP, minlength=len(counts)) == counts).all()


def test_the_common_lengths_are_what_the_poorest_label_has():
    assert common_lengths([np.array([4, 4, 7]), np.array([5, 7, 8])], [1, 2]).tolist() == [0, 0.5, 1]
