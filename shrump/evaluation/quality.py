"""What there is to a text beside its style: variety, repetition, and how much of it is copied from training."""

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

SPAN = 8  # words in a row that count as copied
_SAMPLE = 1000  # n-grams over which variety is measured: it falls with the amount of text
_DRAWS = 20
_BLEU_ORDER = 4
_TOKEN = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_WORD = re.compile(r"\w+(?:['’]\w+)*")


def split_tokens(text: str) -> list[str]:
    """Words and marks, in lower case."""
    return _TOKEN.findall(text.lower())


def distinct(texts: Sequence[str], order: int) -> float:
    """The share of n-grams that are different ones (distinct-n, Li et al. 2016, arXiv:1510.03055).

    Long texts repeat themselves more than short ones, so each figure is the mean over 20 seeded samples of
    1,000 n-grams, whole texts in random order; over all n-grams where there are fewer. 0 where there is none.
    """
    rows = [_ngrams(split_tokens(text), order) for text in texts]
    if sum(map(len, rows)) <= _SAMPLE:
        return _share_distinct([gram for row in rows for gram in row])
    dice = random.Random(order)
    return sum(_share_distinct(_sample(rows, dice)) for _ in range(_DRAWS)) / _DRAWS


def self_bleu(texts: Sequence[str]) -> float:
    """How like one another texts are, from 0 to 1: the mean BLEU-4 of each against all others.

    Self-BLEU is Zhu et al. 2018 (arXiv:1802.01886); a precision of zero is smoothed as sacrebleu does
    ("exp"), orders longer than a text are left out, and texts without words are passed over.
    """
    rows = [tokens for text in texts if (tokens := split_tokens(text))]
    if len(rows) < 2:
        return 0.0
    counts = [[Counter(_ngrams(row, order)) for order in range(1, _BLEU_ORDER + 1)] for row in rows]
    most = [_two_most(row[order] for row in counts) for order in range(_BLEU_ORDER)]
    lengths = np.sort([len(row) for row in rows])
    return float(np.mean([_bleu(own, most, len(row), lengths) for own, row in zip(counts, rows, strict=True)]))


def repetition(text: str) -> float:
    """The share of a text's 4-grams that stood in it before (seq-rep-4, Welleck et al. 2020, arXiv:1908.04319)."""
    grams = _ngrams(split_tokens(text), 4)
    return 1 - _share_distinct(grams) if grams else 0.0


@dataclass(frozen=True)
class CopyIndex:
    """Where every word of the training texts stands; see `build_copy_index`."""

    places: dict[str, np.ndarray]
    size: int


def build_copy_index(texts: Iterable[str]) -> CopyIndex:
    """Index training texts once, so that `copied` is fast; case and marks do not count."""
    codes, stream = {}, [0]
    for text in texts:
        stream += [codes.setdefault(word, len(codes) + 1) for word in _words(text)]
        stream.append(0)  # nothing runs on from one text into the next
    stream = np.asarray(stream)
    order = np.argsort(stream, kind="stable")
    starts = np.searchsorted(stream[order], range(1, len(codes) + 1))
    places = np.split(order, starts)[1:]
    return CopyIndex(dict(zip(codes, places, strict=True)), len(stream))


def copied(text: str, index: CopyIndex) -> tuple[float, int]:
    """The share of a text's 8-grams that stand in the training texts, and its longest copied run in words.

    Both are exact: at each word of the text, the run at every place of the same word in the training texts
    is one longer than the run that ended just before that place.
    """
    runs = np.zeros(index.size, dtype=np.int32)
    nowhere = np.zeros(0, dtype=np.int64)
    before, ends = nowhere, []
    for word in _words(text):
        here = index.places.get(word, nowhere)
        longer = runs[here - 1] + 1
        runs[before] = 0
        runs[here] = longer
        before = here
        ends.append(int(longer.max(initial=0)))
    spans = max(0, len(ends) - SPAN + 1)
    return (sum(end >= SPAN for end in ends) / spans if spans else 0.0), max(ends, default=0)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _ngrams(tokens: Sequence[str], order: int) -> list[tuple[str, ...]]:
    return list(zip(*(tokens[start:] for start in range(order)), strict=False))


def _share_distinct(grams: Sequence[tuple[str, ...]]) -> float:
    return len(set(grams)) / len(grams) if grams else 0.0


def _sample(rows: Sequence[list[tuple[str, ...]]], dice: random.Random) -> list[tuple[str, ...]]:
    taken = []
    for row in dice.sample(rows, len(rows)):
        taken += row
        if len(taken) >= _SAMPLE:
            break
    return taken[:_SAMPLE]


def _two_most(counters: Iterable[Counter]) -> dict[tuple[str, ...], tuple[int, int]]:
    """For each n-gram how often it stands in the text that has most of it, and in the next.

    With both, the most that *other* texts hold is known for every text without comparing all pairs.
    """
    most = {}
    for counter in counters:
        for gram, count in counter.items():
            first, second = most.get(gram, (0, 0))
            most[gram] = (count, first) if count > first else (first, max(second, count))
    return most


def _bleu(own: Sequence[Counter], most: Sequence[dict], length: int, lengths: np.ndarray) -> float:
    logs, smooth = [], 1.0
    for counts, known in zip(own, most, strict=True):
        total = sum(counts.values())
        if not total:
            break
        hits = sum(min(n, known[gram][1] if known[gram][0] == n else known[gram][0]) for gram, n in counts.items())
        if not hits:
            smooth *= 2
            if not logs:
                return 0.0  # not one word in common
        logs.append(np.log(hits / total if hits else 1 / (smooth * total)))
    closest = _closest(length, lengths)
    brevity = min(1.0, np.exp(1 - closest / length))
    return float(brevity * np.exp(np.mean(logs)))


def _closest(length: int, lengths: np.ndarray) -> int:
    """The length among the others' that comes closest, the shorter of two (``lengths`` holds the text's own)."""
    at = np.searchsorted(lengths, length)
    around = np.delete(lengths[max(0, at - 1) : at + 3], min(1, at))
    return int(min(around, key=lambda other: (abs(other - length), other)))
