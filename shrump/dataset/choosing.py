"""Which text goes to which dataset: the corpus divided by groups, then balanced."""

import zlib
from collections.abc import Callable

import numpy as np

from shrump.dataset.balancing import (
    LENGTH_STEP,
    common_budget,
    match_lengths,
    spread_evenly,
    spread_order,
    take_lengths,
    take_tokens,
)
from shrump.dataset.corpus import OTHER, Corpus
from shrump.dataset.splitting import divide_groups
from shrump.errors import ShrumpError
from shrump.recipe import DatasetRecipe, Recipe
from shrump.workspace import SPLITS

Chosen = dict[str, np.ndarray]  # rows of the corpus by split

GENERATOR, INTEGRATED = 0, len(SPLITS)  # the first part of each dataset in `divide`
_NEUTRAL_SHARES = {"train": 0.95, "validation": 0.05}
_FEWEST = 8  # texts of a label in a split below which nothing can be measured


def divide(corpus: Corpus, recipe: Recipe) -> np.ndarray:
    """The part of every text: `GENERATOR` or `INTEGRATED` plus the number of its split.

    Authors' groups are divided over both datasets, or over one that both share; Other is integrated only.
    Raises `ShrumpError` for an author with too few groups.
    """
    parts = np.empty(len(corpus.label), dtype=np.int8)
    for code, label in enumerate(corpus.labels):
        rows = np.flatnonzero(corpus.label == code)
        groups = corpus.group[rows] if recipe.dataset.split == "group" else rows
        first, shares = _part_shares(recipe.dataset, label)
        divided = divide_groups(groups, corpus.tokens[rows], shares, _dice(recipe, "divide", label))
        if divided is None:
            count = len(np.unique(groups))
            raise ShrumpError(
                f"{label} has too little clean text ({len(rows)} texts in {count} groups) to fill {len(shares)} parts: "
                'add text, or set dataset.split="random" or dataset.generator_share=1'
            )
        parts[rows] = first + divided
    return parts


def _part_shares(settings: DatasetRecipe, label: str) -> tuple[int, list[float]]:
    if label == OTHER:
        return INTEGRATED, list(settings.shares)
    if settings.generator_share == 1:
        return GENERATOR, list(settings.shares)
    both = (settings.generator_share, 1 - settings.generator_share)
    return GENERATOR, [dataset * split for dataset in both for split in settings.shares]


def choose_balanced(corpus: Corpus, recipe: Recipe, parts: np.ndarray, first: int = GENERATOR) -> Chosen:
    """For every split the same number of tokens of each author, spread evenly over the author's groups."""
    shares = recipe.dataset.shares
    authors = range(len(corpus.labels) - 1)
    pools = [[_rows(corpus, author, parts == first + split) for split in range(len(SPLITS))] for author in authors]
    budget = common_budget([[corpus.tokens[rows].sum() for rows in pool] for pool in pools], shares)
    chosen = {}
    for number, split in enumerate(SPLITS):
        taken = []
        for author in authors:
            rows = pools[author][number]
            order = spread_evenly(corpus.group[rows], _dice(recipe, f"balance {first} {split}", corpus.labels[author]))
            taken.append(rows[take_tokens(order, corpus.tokens[rows], budget * shares[number])])
        chosen[split] = _check(corpus, np.concatenate(taken), split, authors)
    return chosen


def choose_integrated(corpus: Corpus, recipe: Recipe, parts: np.ndarray, generator: Chosen) -> Chosen:
    """For every split texts of each author and of Other, with one distribution of lengths where asked for."""
    settings = recipe.dataset
    if settings.generator_share == 1:
        authors = generator
    elif settings.match_lengths:
        authors = {split: np.flatnonzero(parts == INTEGRATED + number) for number, split in enumerate(SPLITS)}
    else:
        authors = choose_balanced(corpus, recipe, parts, INTEGRATED)
    choose = _choose_matched if settings.match_lengths else _choose_unmatched
    other = len(corpus.labels) - 1
    chosen = {}
    for number, split in enumerate(SPLITS):
        pools = [_only(corpus, authors[split], author) for author in range(other)]
        pools.append(_rows(corpus, other, parts == INTEGRATED + number))
        rows = choose(corpus, recipe, pools, lambda label, split=split: _dice(recipe, f"integrate {split}", label))
        chosen[split] = _check(corpus, rows, split, range(other + 1))
    return chosen


def _choose_matched(
    corpus: Corpus, recipe: Recipe, pools: list[np.ndarray], dice: Callable[[str], np.random.Generator]
) -> np.ndarray:
    *authors, other = pools
    share = recipe.dataset.other_share
    ratios = [1.0] * len(authors) + [share / (1 - share) * len(authors)]
    words = [corpus.words[rows] for rows in pools]
    orders = [
        spread_evenly(corpus.group[rows], dice(label)) for rows, label in zip(authors, corpus.labels, strict=False)
    ]
    orders.append(_spread_genres(corpus, other, dice(OTHER)))
    wanted = match_lengths(words, ratios)
    taken = [rows[take_lengths(*args)] for rows, *args in zip(pools, orders, words, wanted, strict=True)]
    return np.concatenate(taken)


def _choose_unmatched(
    corpus: Corpus, recipe: Recipe, pools: list[np.ndarray], dice: Callable[[str], np.random.Generator]
) -> np.ndarray:
    *authors, other = pools
    share = recipe.dataset.other_share
    count = round(sum(map(len, authors)) * share / (1 - share))
    return np.concatenate([*authors, other[_spread_genres(corpus, other, dice(OTHER))[:count]]])


def _spread_genres(corpus: Corpus, rows: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """An order of Other's texts that gives its sources equal shares, and equal ones to a source's genres.

    This holds for the texts of every length on their own, since lengths are matched later.
    """
    kinds, codes = np.unique(np.stack([corpus.source[rows], corpus.genre[rows]]), axis=1, return_inverse=True)
    sources, counts = np.unique(kinds[0], return_counts=True)
    weights = 1 / counts[np.searchsorted(sources, kinds[0])]
    steps = corpus.words[rows] // LENGTH_STEP
    strata = steps * len(weights) + codes.ravel()
    return spread_order(strata, np.tile(weights, int(steps.max(initial=0)) + 1), dice)


def choose_neutral(corpus: Corpus, recipe: Recipe, integrated: Chosen) -> Chosen:
    """The texts of the neutral source that no integrated file holds, nor any other piece of."""
    names = [source.name for source in (*recipe.dataset.authors, *recipe.dataset.other)]
    used = np.unique(corpus.group[np.concatenate(list(integrated.values()))])
    free = ~np.isin(corpus.group, used)
    rows = np.flatnonzero((corpus.source == names.index(recipe.dataset.neutral)) & free)
    shares = list(_NEUTRAL_SHARES.values())
    parts = divide_groups(corpus.group[rows], corpus.tokens[rows], shares, _dice(recipe, "neutral", OTHER))
    if parts is None:
        raise ShrumpError(f"no text of {recipe.dataset.neutral} is left for miniature bases: add text to its file")
    return {split: rows[parts == number] for number, split in enumerate(_NEUTRAL_SHARES)}


def shuffle(rows: np.ndarray, recipe: Recipe, name: str) -> np.ndarray:
    """The rows in the order in which the file ``name`` holds them."""
    return _dice(recipe, "order", name).permutation(rows)


def _rows(corpus: Corpus, label: int, mask: np.ndarray) -> np.ndarray:
    return np.flatnonzero((corpus.label == label) & mask)


def _only(corpus: Corpus, rows: np.ndarray, label: int) -> np.ndarray:
    return rows[corpus.label[rows] == label]


def _check(corpus: Corpus, rows: np.ndarray, split: str, labels: range) -> np.ndarray:
    counts = np.bincount(corpus.label[rows], minlength=len(corpus.labels))
    for label in labels:
        if counts[label] < _FEWEST:
            raise ShrumpError(
                f"{corpus.labels[label]} has too little clean text: {counts[label]} texts for {split}, "
                f"at least {_FEWEST} are needed; add text to its file"
            )
    return rows


def _dice(recipe: Recipe, purpose: str, name: str) -> np.random.Generator:
    """A stream of random numbers of its own for every purpose, the same on every machine."""
    return np.random.default_rng([recipe.seed, zlib.crc32(f"{purpose}/{name}".encode())])
