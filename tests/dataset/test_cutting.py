"""Long texts are cut where a line or a sentence ends, and lose nothing."""

from hypothesis import given
from hypothesis import strategies as st

from shrump.dataset.cutting import count_words, cut_lines, cut_text

WORDS = st.lists(st.sampled_from(["thou", "art", "gone.", "O,", "he'll", "-", "war!", "x-y"]), min_size=1, max_size=60)


def test_words_are_runs_of_letters_and_digits():
    assert count_words("O, 'tis he'll - 3.5 #MAGA!") == 6
    assert count_words("... !") == 0


def test_a_short_speech_is_one_text():
    assert cut_lines(["To be, or not", "to be"], 40) == ["To be, or not to be"]


def test_a_long_speech_is_cut_where_a_sentence_ends():
    lines = ["a b c", "d e f.", "g h i", "j k l"]
    assert cut_lines(lines, 9) == ["a b c d e f.", "g h i j k l"]


def test_a_speech_without_sentence_ends_is_cut_at_the_last_line_that_fits():
    assert cut_lines(["a b c", "d e f", "g h i"], 7) == ["a b c d e f", "g h i"]


def test_a_text_is_cut_at_sentence_ends_and_an_endless_one_between_words():
    assert cut_text("a b c. d e f. g", 4) == ["a b c.", "d e f. g"]
    assert cut_text("a b c d e f g", 3) == ["a b c", "d e f", "g"]


@given(WORDS)
def test_cutting_keeps_every_word_and_the_limit(words):
    text = " ".join(words)
    pieces = cut_text(text, 7)
    assert " ".join(pieces) == text
    assert all(count_words(piece) <= 7 or " " not in piece for piece in pieces)


@given(st.lists(WORDS.map(lambda words: " ".join(words[:6])), min_size=1, max_size=20))
def test_cutting_lines_keeps_every_line(lines):
    pieces = cut_lines(lines, 12)
    assert " ".join(pieces) == " ".join(lines)
    assert all(count_words(piece) <= 12 for piece in pieces)
