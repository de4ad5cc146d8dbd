"""Two arms on the same prompts: how much they differ, and whether that could be chance."""

import itertools
from collections.abc import Sequence

import numpy as np
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from shrump.evaluation.intervals import figure, mean_interval

_PERMUTATIONS = 20_000
_BATCH = 5_000


def compare_paired(arm: np.ndarray, against: np.ndarray, seed: int) -> dict:
    """Compare outcomes (0 or 1) [prompts, seeds] of two arms, paired by prompt.

    With one seed: McNemar's exact test, and Newcombe's interval for paired shares. With several, whose answers
    are not independent: a test that swaps the arms of whole prompts at random, and a bootstrap over prompts.
    ``effect`` is the difference of the shares; Cohen's h (1988) is its size on the arcsine scale: 0.2 is
    small, 0.5 medium, 0.8 large.
    """
    arm, against = np.asarray(arm, dtype=float), np.asarray(against, dtype=float)
    means, base = arm.mean(axis=1), against.mean(axis=1)
    if arm.shape[1] == 1:
        test, p = "McNemar, exact", _test_mcnemar(arm[:, 0], against[:, 0])
    else:
        test, p = "permutation of prompts", _test_permutation(means, base, seed)
    effect, interval = _measure_difference(means, base, seed, single=arm.shape[1] == 1)
    angles = 2 * np.arcsin(np.sqrt([means.mean(), base.mean()]))
    return {
        "test": test,
        "interval": interval,
        "prompts": len(means),
        "effect": effect,
        "cohens_h": round(float(angles[0] - angles[1]), 4),
        "p": float(f"{p:.4g}"),
    }


def correct_holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) corrected p-values: the chance of even one false finding in the family stays under 5 %."""
    if not len(p_values):
        return []
    return [float(f"{p:.4g}") for p in multipletests(p_values, method="holm")[1]]


def _test_mcnemar(arm: np.ndarray, against: np.ndarray) -> float:
    table = [[np.sum((arm == a) & (against == b)) for b in (1, 0)] for a in (1, 0)]
    return float(mcnemar(table, exact=True).pvalue)


def _test_permutation(means: np.ndarray, base: np.ndarray, seed: int) -> float:
    """Two-sided p of the mean paired difference when the two arms of any prompt may change places."""
    differences = means - base
    reached = abs(differences.sum()) - 1e-9
    if 2 ** len(differences) <= _PERMUTATIONS:
        signs = np.array(list(itertools.product((-1, 1), repeat=len(differences))))
        return float(np.mean(abs(signs @ differences) >= reached))
    dice = np.random.default_rng(seed)
    extreme = 0
    for _ in range(_PERMUTATIONS // _BATCH):
        signs = 2.0 * dice.integers(0, 2, size=(_BATCH, len(differences)), dtype=np.int8) - 1
        extreme += int(np.sum(abs(signs @ differences) >= reached))
    return (extreme + 1) / (_PERMUTATIONS + 1)  # the order that was seen counts too


def _measure_difference(means: np.ndarray, base: np.ndarray, seed: int, single: bool) -> tuple[dict, str]:
    """A bootstrap needs differences that differ; where they do not, Newcombe's interval stands in."""
    if single or np.ptp(means - base) == 0:
        return newcombe(means, base), "Newcombe"
    return mean_interval(means - base, np.arange(len(means)), seed), "bootstrap over prompts"


def newcombe(arm: np.ndarray, against: np.ndarray) -> dict[str, float]:
    """The difference of two paired shares with its interval (Newcombe 1998, method 8).

    The shares' Wilson intervals are put together with the correlation of the pairs, so that the interval
    keeps its width at shares of 0 and 1.
    """
    count = len(arm)
    one, two = arm.mean(), against.mean()
    (low_one, high_one), (low_two, high_two) = (
        proportion_confint(share * count, count, method="wilson") for share in (one, two)
    )
    varied = np.ptp(arm) > 0 and np.ptp(against) > 0
    rho = np.corrcoef(arm, against)[0, 1] if varied else 0.0

    def add(away: float, towards: float) -> float:
        return np.sqrt(away**2 - 2 * rho * away * towards + towards**2)

    low = one - two - add(one - low_one, high_two - two)
    high = one - two + add(high_one - one, two - low_two)
    return figure(one - two, low, high)
