"""Which text goes to which dataset: the corpus divided by groups, then balanced."""

import zlib

import numpy as np

from shrump.dataset.balancing import (
    LENGTH_STEP,
    common_budget,
    common_lengths,
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
    labels = range(len(corpus.labels))
    pools = {}
    for number, split in enumerate(SPLITS):
        pools[split] = [_only(corpus, authors[split], label) for label in labels[:-1]]
        pools[split].append(_rows(corpus, labels[-1], parts == INTEGRATED + number))
    choose = _choose_matched if settings.match_lengths else _choose_unmatched
    return {split: _check(corpus, rows, split, labels) for split, rows in choose(corpus, recipe, pools).items()}


def _choose_matched(corpus: Corpus, recipe: Recipe, pools: dict[str, list[np.ndarray]]) -> Chosen:
    """The same number of texts of every author, and lengths alike, as far as the poorest length and split allow."""
    settings = recipe.dataset
    authors = len(corpus.labels) - 1
    ratios = [1.0] * authors + [settings.other_share / (1 - settings.other_share) * authors]
    units = [common_lengths([corpus.words[rows] for rows in pool], ratios) for pool in pools.values()]
    total = common_budget([[unit.sum() for unit in units]], settings.shares)
    chosen = {}
    for (split, pool), unit, share in zip(pools.items(), units, settings.shares, strict=True):
        scaled = np.rint(unit * total * share / max(unit.sum(), 1))
        base = np.minimum(scaled, np.floor(unit))  # rounding up must not ask for more than there is
        taken = []
        for label, rows, ratio in zip(corpus.labels, pool, ratios, strict=True):
            dice = _dice(recipe, f"integrate {split}", label)
            order = _spread_genres(corpus, rows, dice) if label == OTHER else spread_evenly(corpus.group[rows], dice)
            wanted = np.rint(base * ratio).astype(int)
            taken.append(rows[take_lengths(order, corpus.words[rows], wanted)])
        chosen[split] = np.concatenate(taken)
    return chosen


def _choose_unmatched(corpus: Corpus, recipe: Recipe, pools: dict[str, list[np.ndarray]]) -> Chosen:
    """All texts of the authors, and of Other as many as its share asks for."""
    share = recipe.dataset.other_share
    chosen = {}
    for split, (*authors, other) in pools.items():
        count = round(sum(map(len, authors)) * share / (1 - share))
        order = _spread_genres(corpus, other, _dice(recipe, f"integrate {split}", OTHER))
        chosen[split] = np.concatenate([*authors, other[order[:count]]])
    return chosen


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
