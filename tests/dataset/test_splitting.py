"""Groups stay whole, and every part gets its share."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shrump.dataset.splitting import divide_groups

SHARES = [0.8, 0.1, 0.1]


def divide(groups, tokens, shares=SHARES, seed=1):
    return divide_groups(np.asarray(groups), np.asarray(tokens), shares, np.random.default_rng(seed))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=300), st.integers(0, 5))
def test_groups_stay_whole_and_all_parts_are_filled(groups, seed):
    parts = divide(groups, np.ones(len(groups)), seed=seed)
    if parts is None:
        return
    assert set(parts) == {0, 1, 2}
    for group in set(groups):
        assert len(set(parts[np.asarray(groups) == group])) == 1


def test_many_groups_are_divided_exactly():
    dice = np.random.default_rng(4)
    groups, tokens = np.repeat(np.arange(70), 50), dice.integers(4, 40, 3500)
    parts = divide(groups, tokens, [0.48, 0.06, 0.06, 0.32, 0.04, 0.04])
    shares = np.bincount(parts, weights=tokens) / tokens.sum()
    assert np.abs(shares - [0.48, 0.06, 0.06, 0.32, 0.04, 0.04]).max() < 0.015


def test_too_few_groups_are_said():
    assert divide([1, 1, 2, 2], [1, 1, 1, 1]) is None


def test_the_seed_decides():
    groups, tokens = np.arange(200), np.ones(200)
    assert (divide(groups, tokens) == divide(groups, tokens)).all()
    assert (divide(groups, tokens) != divide(groups, tokens, seed=2)).any()
