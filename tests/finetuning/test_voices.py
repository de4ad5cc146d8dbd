"""Texts are tagged, opened and left neutral in the shares that the recipe asks for."""

from collections import Counter

import pytest

from shrump.finetuning.voices import frame_prompt, make_examples, voices_of

ROWS = [(f"one two three four five six seven eight nine ten {n}", author) for n in range(500) for author in ("A", "B")]


@pytest.mark.parametrize(
    ("kind", "prompt", "frame"),
    [
        ("causal", "", "Trump:"),
        ("causal", "Why?", "Why?\nTrump:"),
        ("seq2seq", "", "Write in the voice of Trump."),
        ("seq2seq", "Why?", "Write on in the voice of Trump: Why?"),
    ],
)
def test_a_prompt_is_framed(kind, prompt, frame):
    assert frame_prompt(kind, "Trump", prompt) == frame


def test_the_base_reads_the_prompt_as_it_is():
    assert frame_prompt("causal", "base", "Why?") == "Why?"


def test_shares_of_neutral_and_opened_texts():
    examples = make_examples(ROWS, "causal", tagged=True, neutral_share=0.12, seed=1)
    voices = Counter(example.frame.split("\n")[-1] for example in examples)
    assert len(examples) == 1000
    assert 0.10 < voices["Shrump:"] / 1000 < 0.14
    assert 0.28 < sum("\n" in example.frame for example in examples) / 1000 < 0.38


def test_a_seq2seq_model_learns_the_rest_of_an_opening():
    texts, opened = {text for text, _ in ROWS}, 0
    for example in make_examples(ROWS, "seq2seq", tagged=True, neutral_share=0, seed=1):
        _, colon, opening = example.frame.partition(": ")
        opened += bool(colon)
        assert (f"{opening} {example.text}" if colon else example.text) in texts
    assert opened > 250


def test_a_causal_model_learns_a_whole_text_after_somebody_elses_words():
    texts, prompted = {text for text, _ in ROWS}, 0
    for example in make_examples(ROWS, "causal", tagged=True, neutral_share=0, seed=1):
        prompt, newline, _ = example.frame.rpartition("\n")
        prompted += bool(newline)
        assert example.text in texts
        assert any(text.startswith(prompt) for text in texts)
    assert prompted > 250


def test_the_same_seed_gives_the_same_examples():
    first, again, other = (make_examples(ROWS, "causal", True, 0.1, seed) for seed in (1, 1, 2))
    assert first == again != other


def test_bare_text_has_one_voice_and_no_frame():
    assert {example.frame for example in make_examples(ROWS, "causal", False, 0.1, 1)} == {""}
    assert voices_of(["A", "B"], tagged=False) == {"shrump": "base"}
    assert voices_of(["A", "B"], tagged=True) == {"a": "A", "b": "B", "shrump": "Shrump"}
