"""Each rule mends or drops what it names, is counted, and can be switched off."""

import dataclasses
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrump.dataset.cleaning import clean_texts, is_quotation, is_retweet, neutralise_cues
from shrump.recipe import Cleaning


def clean(text, **rules):
    dropped, mended = Counter(), Counter()
    texts = [text for text, _ in clean_texts(text, dataclasses.replace(Cleaning(), **rules), dropped, mended)]
    return texts, dict(dropped), dict(mended)


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("mojibake", "We donâ€™t want it", "We don't want it"),
        ("mojibake", "We don\ufffd\u06eat want it", "We don't want it"),
        ("mojibake", "a \ufffd\ufffd\ufffdvery big thing\ufffd\u06dd", 'a "very big thing"'),
        ("mojibake", "one two\ufffd\ufffd\ufffdthree four", "one two - three four"),
        ("mojibake", "Watch this right now\ufffd\ufffd_", "Watch this right now..."),
        ("entities", "you &amp; me &amp;amp; all of them", "you & me & all of them"),
        ("entities", "the quot;big quot; one it#39;s", 'the "big " one it\'s'),
        ("links", "Join me in Ohio today: https://t.co/abc", "Join me in Ohio today"),
        ("links", "Look at it here http://a.b/c now", "Look at it here now"),
        ("links", "Make it great again!\ufffd\ufffd_ https://t.co/x", "Make it great again!"),
        ("links", "Make it great again! https:...", "Make it great again!"),
    ],
)
def test_a_rule_mends_what_it_names(rule, before, after):
    texts, dropped, mended = clean(before)
    assert texts == [after]
    assert dropped == {}
    assert mended[rule] == 1
    assert clean(before, **{rule: False})[0] != [after]


def test_hashtags_and_mentions_stay():
    assert clean("Thank you @FoxNews so much #MAGA")[0] == ["Thank you @FoxNews so much #MAGA"]


def test_short_and_empty_texts_are_dropped_and_counted():
    assert clean("So very true!") == ([], {"short": 1}, {})
    assert clean("https://t.co/abc") == ([], {"empty": 1}, {"links": 1})
    assert clean("So very true!", min_words=3)[0] == ["So very true!"]


def test_white_space_is_single():
    assert clean(" one\r\n two\tthree  four ")[0] == ["one two three four"]


@pytest.mark.parametrize("text", ["RT @a: b", "  rt @a b", "RT: @a"])
def test_retweets(text):
    assert is_retweet(text)


@pytest.mark.parametrize(
    "text", ['"@a: well said', "“@a well said”", '.."@a: b', "'@a: b", '"All one headline" http://t.co/x']
)
def test_quotations(text):
    assert is_quotation(text)


@pytest.mark.parametrize("text", ["@a thank you", ".@a is weak", 'He said "no" to me', '"Yes" is not "no"', "ART @a"])
def test_own_words(text):
    assert not is_quotation(text)
    assert not is_retweet(text)


def test_the_neutral_view_hides_cues_and_keeps_words():
    assert neutralise_cues('"SO SAD!" @FoxNews #MakeItSo -- see https://t.co/x') == "so sad fox news make it so see"
    assert neutralise_cues("So sad; Fox-News: make it so, see?") == "so sad fox news make it so see"


@given(st.text(max_size=200))
def test_any_text_is_cleaned_once_and_for_all(text):
    for piece, words in clean_texts(text, Cleaning(), Counter(), Counter()):
        assert 4 <= words <= 40
        assert piece == " ".join(piece.split())


@given(st.text(max_size=200))
def test_the_neutral_view_of_a_neutral_view_is_itself(text):
    once = neutralise_cues(text)
    assert neutralise_cues(once) == once
