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
    """The distinct word hashes of every text, one after the other: text i has ``words[bounds[i]:bounds[i + 1]]``."""

    def __init__(self, words: np.ndarray, sizes: np.ndarray):
        self.words = words
        self.sizes = sizes
        self.bounds = np.concatenate([[0], np.cumsum(sizes)])

    def gather(self, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The words of some texts, and for each word the place in ``which`` of its text."""
        sizes = self.sizes[which]
        places = np.repeat(np.arange(len(which)), sizes)
        shifts = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.words[self.bounds[which][places] + shifts], places


def _hash_words(texts: pyarrow.ChunkedArray) -> tuple[_WordSets, np.ndarray]:
    """Every text's word set, and a hash of its normal form: its words in lower case."""
    words, sizes, forms = array("I"), [], []  # an array grows in place, where joining lists would need twice the room
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
        sizes.append(np.bincount((pairs >> np.uint64(32)).astype(np.int64), minlength=len(part)))
    return _WordSets(np.frombuffer(words, np.uint32), np.concatenate(sizes)), np.concatenate(forms)


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
    together = keys[order[:-1]] == keys[order[1:]]
    order = order[np.append(together, False) | np.append(False, together)]  # the rest is alone in its bucket
    reach = 1
    while reach <= _REACH:
        same = keys[order[:-reach]] == keys[order[reach:]]
        if not same.any():
            return
        early, late = order[:-reach][same], order[reach:][same]
        dropped = late[_are_similar(sets, early, late, threshold)]
        alive[dropped] = False
        order = order[alive[order]]
        # what stood between two texts may be gone now: look at next neighbours again before looking further
        reach = 1 if len(dropped) else reach + 1


def _are_similar(sets: _WordSets, early: np.ndarray, late: np.ndarray, threshold: float) -> np.ndarray:
    """Whether the true Jaccard similarity of each pair reaches the threshold."""
    similar = np.zeros(len(early), dtype=bool)
    for start in range(0, len(early), _SLICE):
        one, other = early[start : start + _SLICE], late[start : start + _SLICE]
        both = [(places.astype(np.uint64) << np.uint64(32)) | words for words, places in map(sets.gather, (one, other))]
        merged = np.sort(np.concatenate(both))
        shared = merged[1:][merged[1:] == merged[:-1]] >> np.uint64(32)
        common = np.bincount(shared.astype(np.int64), minlength=len(one))
        union = sets.sizes[one] + sets.sizes[other] - common
        similar[start : start + _SLICE] = common >= threshold * union - 1e-9
    return similar
