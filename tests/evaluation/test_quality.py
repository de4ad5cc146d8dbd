"""Variety, repetition and copying, with figures worked out by hand or by sacrebleu."""

import random

import pytest

from shrump.evaluation.quality import build_copy_index, copied, distinct, repetition, self_bleu

SONG = "shall I compare thee to a summer's day thou art more lovely and more temperate"


@pytest.mark.parametrize(
    ("texts", "order", "expected"),
    [
        (["a b a b"], 1, 2 / 4),
        (["a b a b"], 2, 2 / 3),  # ab, ba, ab
        (["a b", "a b"], 2, 1 / 2),  # no bigram runs from one text into the next
        (["One, one!"], 1, 3 / 4),  # one , one !
        (["", "😀"], 2, 0.0),
        (["same old words"] * 2000, 1, 3 / 1000),
    ],
)
def test_distinct(texts, order, expected):
    assert distinct(texts, order) == pytest.approx(expected)


def test_distinct_does_not_fall_with_the_number_of_texts():
    dice = random.Random(1)
    texts = [" ".join(str(dice.randrange(5000)) for _ in range(20)) for _ in range(400)]
    assert distinct(texts, 1) == pytest.approx(distinct(texts[:100], 1), abs=0.02)


def test_self_bleu_of_like_and_unlike_texts():
    assert self_bleu([SONG] * 3) == pytest.approx(1)
    assert self_bleu(["alpha beta", "gamma delta"]) == 0
    assert self_bleu(["", "alone"]) == 0


def test_self_bleu_is_sacrebleus():
    sacrebleu = pytest.importorskip("sacrebleu")
    dice = random.Random(3)
    texts = [" ".join(dice.choices(list("abcdefghij"), k=k)) for k in (2, 5, 5, 7, 9, 12)]
    bleu = sacrebleu.BLEU(effective_order=True, tokenize="none", force=True)
    one_by_one = [bleu.sentence_score(text, texts[:at] + texts[at + 1 :]).score / 100 for at, text in enumerate(texts)]
    assert self_bleu(texts) == pytest.approx(sum(one_by_one) / len(texts))


@pytest.mark.parametrize(("text", "share"), [("a b c d", 0), ("a a a a a a", 2 / 3), ("", 0), ("one two", 0)])
def test_repetition(text, share):
    assert repetition(text) == pytest.approx(share)


def test_copied_runs_are_exact():
    index = build_copy_index([SONG, "more temperate weather is expected on monday"])
    assert copied(SONG.upper() + "!", index) == (1.0, 15)
    assert copied("they say thou art more lovely than rain", index) == (0.0, 4)
    assert copied("lovely and more temperate weather is expected on monday", index) == (0.0, 7)  # two texts, no run
    assert copied(SONG + " x", index) == (pytest.approx(8 / 9), 15)
    assert copied("😀", index) == copied("", index) == (0.0, 0)


def test_copied_finds_the_longest_of_many_places():
    index = build_copy_index(["a b x", "a b c", "a b c d", "b c d e"])
    assert copied("a b c d e", index) == (0.0, 4)
    assert copied("z a b z", index) == (0.0, 2)
