"""Choosing whole texts: authors of equal weight, lengths that tell nothing, every group and genre in its share."""

from collections.abc import Sequence

import numpy as np

LENGTH_STEP = 3  # words; lengths are matched in steps of this size


def spread_order(strata: np.ndarray, weights: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """An order of texts whose every beginning holds the strata in proportion to ``weights`` (one per stratum).

    ``strata`` codes the stratum of each text; inside a stratum the order is random.
    """
    shuffled = dice.permutation(len(strata))
    grouped = shuffled[np.argsort(strata[shuffled], kind="stable")]
    sizes = np.bincount(strata, minlength=len(weights))
    ranks = np.arange(len(strata)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    due = (ranks + dice.random(len(strata))) / weights[strata[grouped]]
    return grouped[np.argsort(due, kind="stable")]


def spread_evenly(groups: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """An order of texts whose every beginning holds of each group the same part."""
    _, codes = np.unique(groups, return_inverse=True)
    return spread_order(codes, np.bincount(codes).astype(float), dice)


def take_tokens(order: np.ndarray, tokens: np.ndarray, budget: float) -> np.ndarray:
    """The beginning of ``order`` whose tokens come closest to ``budget``."""
    sums = np.concatenate([[0], np.cumsum(tokens[order])])
    return order[: np.abs(sums - budget).argmin()]


def common_budget(filled: Sequence[Sequence[float]], shares: Sequence[float]) -> float:
    """The largest total that every author can give in every split; ``filled[author][split]`` counts tokens."""
    return float((np.asarray(filled, dtype=float) / np.asarray(shares)).min())


def common_lengths(words: Sequence[np.ndarray], ratios: Sequence[float]) -> np.ndarray:
    """How many texts of each length (in steps) a label of ratio 1 can give, for all to have one distribution.

    ``words[i]`` holds the lengths of what label i has, ``ratios[i]`` its share beside the others: with
    (1, 1, 2) the third gives twice as many of each length as the first.
    """
    steps = max(int(lengths.max(initial=0)) for lengths in words) // LENGTH_STEP + 1
    have = [np.bincount(lengths // LENGTH_STEP, minlength=steps) for lengths in words]
    return np.min([counts / ratio for counts, ratio in zip(have, ratios, strict=True)], axis=0)


def take_lengths(order: np.ndarray, words: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Of each length as many texts as ``wanted`` (a whole number a step), the first ones in ``order``."""
    steps = words[order] // LENGTH_STEP
    by_step = np.argsort(steps, kind="stable")
    sizes = np.bincount(steps, minlength=len(wanted))
    ranks = np.empty(len(order), dtype=int)
    ranks[by_step] = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return order[ranks < wanted[steps]]
