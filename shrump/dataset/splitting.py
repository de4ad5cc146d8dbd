"""Dividing groups (plays, weeks, single texts) over the parts of the datasets, so that no group is in two."""

from collections.abc import Sequence

import numpy as np

_SHUFFLED = 2_000_000  # groups shuffled in all trials together


def divide_groups(groups: np.ndarray, tokens: np.ndarray, shares: Sequence[float], dice: np.random.Generator):
    """Give every text a part (0, 1, ...), whole groups only, so that part i holds about ``shares[i]`` of the tokens.

    Of many shuffles the one is kept whose emptiest part is fullest, since balance can fill the others no
    further than that. Returns an array of parts, or None where there are too few groups to fill all parts.
    """
    names, codes = np.unique(groups, return_inverse=True)
    weights = np.bincount(codes, weights=tokens)
    ends = np.cumsum(shares) * weights.sum()
    best, fullest = None, 0.0
    for _ in range(max(1, min(1000, _SHUFFLED // len(names)))):
        order = dice.permutation(len(names))
        middles = np.cumsum(weights[order]) - weights[order] / 2
        parts = np.empty(len(names), dtype=np.int8)
        parts[order] = np.minimum(np.searchsorted(ends, middles), len(shares) - 1)
        filled = np.bincount(parts, weights=weights, minlength=len(shares))
        fullness = (filled / np.asarray(shares)).min() / weights.sum()
        if fullness > fullest:
            best, fullest = parts, fullness
    return None if best is None else best[codes]
