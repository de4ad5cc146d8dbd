"""95 % intervals for figures that are measured on prompts, each answered once or several times."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

_RESAMPLES = 2000


def figure(value: float, low: float, high: float, digits: int = 4) -> dict[str, float]:
    """A figure with its interval, as our JSON files hold it."""
    return {name: round(float(number), digits) for name, number in (("value", value), ("low", low), ("high", high))}


def share_interval(hits: Sequence[bool], clusters: Sequence[int]) -> dict[str, float]:
    """The share of ``hits`` with a Wilson interval on as many answers as their ``clusters`` are worth.

    Answers to one prompt resemble each other, so n is divided by the design effect, the variance over
    clusters against that of independent answers (Kish 1965; Franco et al. 2019, doi:10.1093/jssam/smy019),
    but never falls below the number of clusters. With one answer each this is the plain Wilson interval, and
    unlike a bootstrap it keeps its width at shares of 0 and 1.
    """
    hits = np.asarray(hits, dtype=float)
    share, n = hits.mean(), effective_size(hits, clusters)
    return figure(share, *proportion_confint(share * n, n, method="wilson"))


def effective_size(hits: np.ndarray, clusters: Sequence[int]) -> float:
    """How many independent answers would pin their share down as well as these do, in clusters."""
    _, codes = np.unique(clusters, return_inverse=True)
    count, n, share = codes.max() + 1, len(hits), hits.mean()
    if count == n:
        return float(n)
    if share in (0, 1) or count == 1:
        return float(count)
    sums = np.bincount(codes, weights=hits - share)
    variance = count / (count - 1) * (sums**2).sum() / n**2
    return float(np.clip(share * (1 - share) / variance, count, n)) if variance else float(n)


def wilson(hits: int, n: int) -> dict[str, float]:
    """The share of independent ``hits`` with its Wilson interval; all of [0, 1] where there are none."""
    return figure(hits / n, *proportion_confint(hits, n, method="wilson")) if n else figure(0, 0, 1)


def f1_scores(confusion: np.ndarray) -> np.ndarray:
    """F1 of each label [..., labels] from counts [..., true, said]; 0 for a label that nowhere appears."""
    confusion = np.asarray(confusion, dtype=float)
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    both = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    return np.divide(2 * hits, both, out=np.zeros_like(both), where=both > 0)


def f1_intervals(confusion: np.ndarray, seed: int) -> tuple[dict[str, float], list[dict[str, float]]]:
    """Macro-F1, and F1 of each label, from counts [true, said] of independent texts.

    Intervals hold 95 % of the posterior in which each label's texts fall on the labels by a Dirichlet law, after
    Goutte and Gaussier 2005 (doi:10.1007/978-3-540-31865-1_25), with a prior worth one text spread over the
    labels (Perks 1947); unlike a bootstrap's they keep their width where no text was mistaken.
    """
    dice = np.random.default_rng(seed)
    rows = [dice.dirichlet(row + 1 / len(row), size=_RESAMPLES) * row.sum() for row in np.asarray(confusion)]
    drawn, seen = f1_scores(np.stack(rows, axis=1)), f1_scores(confusion)

    def around(value: float, draws: np.ndarray) -> dict[str, float]:
        low, high = np.quantile(draws, (0.025, 0.975))
        return figure(value, min(value, low), max(value, high))

    each = [around(value, drawn[:, label]) for label, value in enumerate(seen)]
    return around(seen.mean(), drawn.mean(axis=1)), each


def mean_interval(values: Sequence[float], clusters: Sequence[int], seed: int) -> dict[str, float]:
    """The mean of ``values`` with its percentile interval from a bootstrap that draws whole clusters."""
    values = np.asarray(values, dtype=float)
    _, codes = np.unique(clusters, return_inverse=True)
    sums, counts = np.bincount(codes, weights=values), np.bincount(codes).astype(float)
    if len(sums) == 1 or np.ptp(values) == 0:
        return figure(values.mean(), values.mean(), values.mean())
    found = stats.bootstrap(
        (sums, counts),
        lambda total, count, axis: total.sum(axis=axis) / count.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=_RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return figure(values.mean(), found.low, found.high)


def bootstrap_interval(rows: np.ndarray, statistic: Callable[[np.ndarray], float], seed: int) -> dict[str, float]:
    """Any statistic of an array's ``rows``, with its percentile interval from a bootstrap over the rows."""
    value = statistic(rows)
    if len(rows) == 1:
        return figure(value, value, value)
    found = stats.bootstrap(
        (np.arange(len(rows)),),
        lambda chosen: statistic(rows[chosen]),
        n_resamples=_RESAMPLES,
        vectorized=False,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return figure(value, found.low, found.high)
