"""All clean texts of a recipe in columns, and the account of how they came to be."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import pyarrow

from shrump.dataset.cleaning import clean_texts
from shrump.dataset.duplicates import find_duplicates
from shrump.dataset.sources import RawText, raw_folder, read_source
from shrump.dataset.tokens import count_tokens
from shrump.recipe import Recipe, Source

OTHER = "Other"
_BATCH = 50_000  # texts turned into columns at once


@dataclass
class Account:
    """What was dropped and what was mended: ``dropped[label][rule]`` and ``mended[label][rule]`` count texts."""

    dropped: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    mended: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))


@dataclass
class Corpus:
    """Texts in columns of equal length; ``label``, ``source``, ``group`` and ``genre`` are codes.

    ``groups[code]`` is a group's name, "" where a text is a group of its own; authors come first in ``labels``.
    The texts themselves lie where they were read, duplicates among them: ask `texts` for some.
    """

    labels: list[str]
    groups: list[str]
    genres: list[str]
    label: np.ndarray
    source: np.ndarray
    group: np.ndarray
    genre: np.ndarray
    words: np.ndarray
    tokens: np.ndarray
    _text: pyarrow.ChunkedArray
    _place: np.ndarray

    def texts(self, rows: np.ndarray) -> list[str]:
        """The texts of these rows."""
        return self._text.take(pyarrow.array(self._place[rows])).to_pylist()


class _Codes(dict):
    """Names to codes, in order of their first appearance."""

    def __missing__(self, name: str) -> int:
        self[name] = len(self)
        return self[name]


def read_corpus(recipe: Recipe, account: Account) -> Corpus:
    """Read and clean every source and drop duplicates over all of them; the first text of a family stays.

    Raises `ShrumpError` for missing or damaged files.
    """
    groups, genres = _Groups(), _Codes()
    batches = []
    for number, (label, source) in enumerate(_present_sources(recipe)):
        rows = _clean_rows(recipe, source, label, account)
        code = recipe.labels.index(label)
        batches += _columns(rows, code, number, groups, genres)
    table = pyarrow.Table.from_batches(batches)
    del batches
    pyarrow.default_memory_pool().release_unused()  # what reading took and gave back
    kept = _drop_duplicates(table, recipe, account)
    tokens = count_tokens(table["text"], recipe.dataset.tokenizer)[kept]
    columns = {name: table[name].to_numpy()[kept] for name in ("label", "source", "group", "genre", "words")}
    return Corpus(recipe.labels, groups.names, list(genres), **columns, tokens=tokens, _text=table["text"], _place=kept)


def _present_sources(recipe: Recipe) -> Iterator[tuple[str, Source]]:
    for source in recipe.dataset.authors:
        yield source.name, source
    for source in recipe.dataset.other:
        if (raw_folder(recipe) / source.file).is_file():
            yield OTHER, source


class _Groups:
    """Codes of groups: one per name and source, and a new one for every text that has no group."""

    def __init__(self):
        self.names: list[str] = []
        self._codes: dict[tuple[int, str], int] = {}

    def code(self, source: int, name: str) -> int:
        if name and (source, name) in self._codes:
            return self._codes[source, name]
        self.names.append(name)
        if name:
            self._codes[source, name] = len(self.names) - 1
        return len(self.names) - 1


def _clean_rows(
    recipe: Recipe, source: Source, label: str, account: Account
) -> Iterator[tuple[RawText, list[tuple[str, int]]]]:
    rules, path = recipe.dataset.cleaning, raw_folder(recipe) / source.file
    dropped, mended = account.dropped[label], account.mended[label]
    for raw in read_source(path, source, rules, dropped):
        yield raw, list(clean_texts(raw.text, rules, dropped, mended))


def _columns(
    rows: Iterable[tuple[RawText, list[tuple[str, int]]]], label: int, source: int, groups: _Groups, genres: _Codes
) -> Iterator[pyarrow.RecordBatch]:
    """Batches of columns; pieces of one text share its group."""
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        pieces, codes, kinds = [], [], []
        for raw, clean in batch:
            if clean:
                pieces += clean
                codes += [groups.code(source, raw.group)] * len(clean)
                kinds += [genres[raw.genre]] * len(clean)
        yield pyarrow.record_batch(
            {
                "text": pyarrow.array([text for text, _ in pieces], pyarrow.large_string()),
                "label": np.full(len(pieces), label, np.int8),
                "source": np.full(len(pieces), source, np.int8),
                "group": np.asarray(codes, np.int32),
                "genre": np.asarray(kinds, np.int32),
                "words": np.asarray([words for _, words in pieces], np.int32),
            }
        )


def _drop_duplicates(table: pyarrow.Table, recipe: Recipe, account: Account) -> np.ndarray:
    masks = find_duplicates(table["text"], recipe.dataset.near_duplicate)
    label = table["label"].to_numpy()
    for rule, mask in zip(("duplicates", "near_duplicates"), masks, strict=True):
        for code, name in enumerate(recipe.labels):
            account.dropped[name][rule] = int(mask[label == code].sum())
    return np.flatnonzero(~(masks[0] | masks[1]))
