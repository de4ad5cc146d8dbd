"""Tokens are counted by words and marks, or by any tokenizer that can be loaded."""

import pyarrow
import pytest

from shrump.dataset.tokens import count_tokens
from shrump.errors import ShrumpError

TEXTS = pyarrow.chunked_array([pyarrow.array(["Don't, he said!", "", "one two"], pyarrow.large_string())])


def test_words_and_marks():
    assert count_tokens(TEXTS, "words").tolist() == [5, 0, 2]


def test_a_real_tokenizer(real):
    assert count_tokens(TEXTS, str(real.parent / "tokenizers" / "gpt2")).tolist() == [6, 0, 2]


def test_a_folder_without_a_tokenizer_is_refused(tmp_path):
    with pytest.raises(ShrumpError, match="the tokenizer .*") as error:
        count_tokens(TEXTS, str(tmp_path))
    assert "\n" not in str(error.value)
