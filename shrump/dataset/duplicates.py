"""Finding texts that say the same: exact ones by their normal form, near ones by MinHash and a true check.

Everything works on flat arrays of word hashes, so that millions of texts fit in little memory
(Broder 1997; banding as in Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3).
"""

from array import array
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as compute

from shrump import progress

BANDS = 32
ROWS = 4  # minima that a band joins; 32 bands of 4 miss one pair in 20 million at a similarity of 0.8
_REACH = 16  # neighbours in a bucket that are compared
_SLICE = 50_000  # texts or pairs handled at once


def find_duplicates(texts: pyarrow.ChunkedArray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Masks of the exact and of the near duplicates; the first text of a family is in neither.

    Two texts are exact duplicates when they have the same words in the same order, case and marks aside; near
    ones when the Jaccard similarity of their sets of words reaches ``threshold`` (1 looks for none).
    """
    sets, forms = _hash_words(texts)
    exact = pd.Series(forms).duplicated().to_numpy()
    del forms
    near = np.zeros(len(texts), dtype=bool)
    if threshold < 1:
        alive = ~exact
        with progress.bar(BANDS, "finding duplicates", "band") as bar:
            for keys in _band_keys(sets):
                _drop_similar(sets, keys, alive, threshold)
                bar.update(1)
        near = ~alive & ~exact
    return exact, near


class _WordSets:
    """The distinct word hashes of every text, one after the other: text i has ``words[bounds[i]:bounds[i + 1]]``.

    ``sketches`` holds 64 bits a text, each the parity of the words that fall on it: two texts have at least as
    many words in one of them only as their sketches differ in bits.
    """

    def __init__(self, words: np.ndarray, sizes: np.ndarray, sketches: np.ndarray):
        self.words = words
        self.sizes = sizes
        self.sketches = sketches
        self.bounds = np.concatenate([[0], np.cumsum(sizes)])

    def gather(self, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The words of some texts, and for each word the place in ``which`` of its text."""
        sizes = self.sizes[which]
        places = np.repeat(np.arange(len(which)), sizes)
        shifts = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.words[self.bounds[which][places] + shifts], places


def _hash_words(texts: pyarrow.ChunkedArray) -> tuple[_WordSets, np.ndarray]:
    """Every text's word set, and a hash of its normal form: its words in lower case."""
    words = array("I")  # grows in place, where joining lists would need twice the room
    sizes, sketches, forms = [], [], []
    for start in range(0, len(texts), _SLICE):
        part = texts.slice(start, _SLICE).combine_chunks()
        normal = compute.replace_substring_regex(compute.utf8_lower(part), r"[^\p{L}\p{N}]+", " ")
        normal = compute.utf8_trim_whitespace(normal)
        forms.append(_hash(normal))
        lists = compute.split_pattern(normal, " ")
        owner = np.repeat(np.arange(len(part)), np.diff(lists.offsets.to_numpy()))
        pairs = (owner.astype(np.uint64) << np.uint64(32)) | (_hash(lists.flatten()) >> np.uint64(32))
        pairs.sort()
        pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])]
        words.frombytes(pairs.astype(np.uint32).tobytes())
        sizes.append(np.bincount((pairs >> np.uint64(32)).astype(np.int64), minlength=len(part)).astype(np.int32))
        bits = np.uint64(1) << (pairs & np.uint64(63))
        sketches.append(np.bitwise_xor.reduceat(bits, np.cumsum(sizes[-1]) - sizes[-1]))
    sets = _WordSets(np.frombuffer(words, np.uint32), np.concatenate(sizes), np.concatenate(sketches))
    return sets, np.concatenate(forms)


def _hash(strings: pyarrow.Array) -> np.ndarray:
    """64-bit hashes that do not depend on the process, each distinct string hashed once."""
    coded = strings.dictionary_encode()
    table = pd.util.hash_array(np.asarray(coded.dictionary.to_pylist(), dtype=object), categorize=False)
    return table[coded.indices.to_numpy()]


def _band_keys(sets: _WordSets) -> Iterator[np.ndarray]:
    """For each band a key per text; texts of similarity s share a band's key with probability s ** ROWS."""
    dice = np.random.default_rng(0)  # any fixed seed: which pairs are compared, not what is dropped, hangs on it
    for _ in range(BANDS):
        factors = dice.integers(1 << 62, size=(ROWS, 2), dtype=np.uint64) | np.uint64(1)
        keys = np.zeros(len(sets.sizes), dtype=np.uint64)
        for start in range(0, len(keys), _SLICE):
            stop = min(start + _SLICE, len(keys))
            first = sets.bounds[start]
            words = sets.words[first : sets.bounds[stop]].astype(np.uint64)
            heads = sets.bounds[start:stop] - first
            for factor, shift in factors:
                minima = np.minimum.reduceat((words * factor + shift) >> np.uint64(32), heads)
                keys[start:stop] = (keys[start:stop] ^ minima) * np.uint64(0x9E3779B97F4A7C15)
        yield keys


def _drop_similar(sets: _WordSets, keys: np.ndarray, alive: np.ndarray, threshold: float) -> None:
    """Clear ``alive`` of every text that is similar to an earlier one in its bucket."""
    order = np.flatnonzero(alive)
    order = order[np.argsort(keys[order], kind="stable")]
    buckets = np.cumsum(np.append(False, keys[order[1:]] != keys[order[:-1]]), dtype=np.int32)
    shared = (np.bincount(buckets) > 1)[buckets]  # the rest is alone in its bucket
    order, buckets = order[shared].astype(np.int32), buckets[shared]
    places = np.arange(len(order), dtype=np.int32)
    rows = np.stack([order, buckets, places, np.zeros_like(places)])
    while rows.size:
        rows = _drop_neighbours(sets, rows, alive, threshold)


def _drop_neighbours(sets: _WordSets, rows: np.ndarray, alive: np.ndarray, threshold: float) -> np.ndarray:
    """Compare ever farther neighbours in each bucket, as far as `_REACH` or to the first that is dropped.

    ``rows`` holds texts, their buckets, their places, and up to which place each text has been compared.
    Returns the rows of buckets that lost a text: what stood on its two sides are neighbours now.
    """
    again = [rows[:, :0]]
    for reach in range(1, _REACH + 1):
        texts, buckets, places, compared = rows
        early = np.flatnonzero(buckets[:-reach] == buckets[reach:])
        if not len(early):
            break
        large, torn = np.zeros((2, buckets.max() + 1), dtype=bool)
        large[buckets[early]] = True
        early = early[compared[early] < places[early + reach]]
        compared[early] = places[early + reach]
        dropped = early[_are_similar(sets, texts[early], texts[early + reach], threshold)] + reach
        alive[texts[dropped]] = False
        torn[buckets[dropped]] = True
        again.append(rows[:, torn[buckets] & alive[texts]])
        rows = rows[:, (large & ~torn)[buckets]]
    return np.concatenate(again, axis=1)


def _are_similar(sets: _WordSets, early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    """Whether the true Jaccard similarity of each pair reaches the threshold."""
    apart = np.bitwise_count(sets.sketches[early] ^ sets.sketches[late])
    most = (sets.sizes[early] + sets.sizes[late]) * (1 - threshold) / (1 + threshold)
    likely = np.flatnonzero(apart <= most + 1e-6)
    similar = np.zeros(len(early), dtype=bool)
    for start in range(0, len(likely), _SLICE):
        pairs = likely[start : start + _SLICE]
        one, other = early[pairs], late[pairs]
        both = [(places.astype(np.uint64) << np.uint64(32)) | words for words, places in map(sets.gather, (one, other))]
        merged = np.sort(np.concatenate(both))
        shared = merged[1:][merged[1:] == merged[:-1]] >> np.uint64(32)
        common = np.bincount(shared.astype(np.int64), minlength=len(one))
        union = sets.sizes[one] + sets.sizes[other] - common
        similar[pairs] = common >= threshold * union - 1e-9
    return similar
