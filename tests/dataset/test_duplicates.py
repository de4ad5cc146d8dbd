"""Exact and near duplicates: the search finds what comparing all pairs finds."""

import random
import re

import pyarrow
import pytest

from shrump.dataset.duplicates import find_duplicates

VOCABULARY = [f"word{number}" for number in range(300)]


def find(texts, threshold=0.8):
    exact, near = find_duplicates(pyarrow.chunked_array([pyarrow.array(texts, pyarrow.large_string())]), threshold)
    return exact.tolist(), near.tolist()


def jaccard(one, other):
    one, other = (set(re.findall(r"\w+", text.lower())) for text in (one, other))
    return len(one & other) / len(one | other)


def test_case_and_marks_do_not_hide_an_exact_duplicate():
    assert find(["So it is, now!", "Something else here", "so IT is... now"])[0] == [False, False, True]


def test_the_similarity_counts_from_the_threshold_on():
    five, four, three = "a b c d e", "a b c d", "a b c"
    assert find([five, four])[1] == [False, True]
    assert find([five, three])[1] == [False, False]
    assert find([five, four], threshold=1)[1] == [False, False]


def test_the_first_of_a_family_stays():
    assert find(["a b c d e", "a b c d f", "a b c d e f", "x y z w"])[1] == [False, False, True, False]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_near_duplicates_are_left(seed):
    dice = random.Random(seed)
    texts = []
    for _ in range(60):
        base = dice.choices(VOCABULARY, k=dice.randint(4, 30))
        for _ in range(dice.choice([1, 1, 2, 8, 40])):
            varied = [dice.choice(VOCABULARY) if dice.random() < 0.08 else word for word in base]
            texts.append(" ".join(varied))
    dice.shuffle(texts)
    exact, near = find(texts)
    left = [text for text, *gone in zip(texts, exact, near, strict=True) if not any(gone)]
    assert len(left) < len(texts)
    assert all(jaccard(one, other) < 0.8 for place, one in enumerate(left) for other in left[:place])
    gone = [text for text, *marks in zip(texts, exact, near, strict=True) if any(marks)]
    assert all(any(jaccard(text, other) >= 0.8 for other in texts if other is not text) for text in gone)
