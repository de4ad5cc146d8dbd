"""Scrambled, joined, balanced and filtered tables hold exactly the words that they should."""

import pandas as pd
import pytest

from shrump.evaluation.variants import (
    SCRAMBLED,
    add_scrambled,
    balance_labels,
    encode_labels,
    join_texts,
    only_genre,
    without_genres,
)


@pytest.fixture
def table():
    """Ten texts of each author and twelve of Other, nine different words each."""
    rows = [(" ".join(f"{author}{n}{w}" for w in "abcdefghi"), author, "") for author in ("A", "B") for n in range(10)]
    rows += [(f"other text {n} with a few words more in it", "Other", "news" if n % 2 else "chat") for n in range(12)]
    return pd.DataFrame(rows, columns=["text", "author", "genre"])


def test_scrambled_texts_hold_the_authors_words_in_another_order(table):
    added = add_scrambled(table, 0.5, seed=7)
    scrambled = added[added["genre"] == SCRAMBLED]
    assert len(scrambled) == 10 and set(scrambled["author"]) == {"Other"}
    known = {word for text in table.loc[table["author"] != "Other", "text"] for word in text.split()}
    for number, text in enumerate(scrambled["text"]):
        words = text.split()
        assert len(words) == 9 and set(words) <= known and text not in set(table["text"])
        assert len({word[:2] for word in words}) == 1 or number % 2  # every second one of one text alone
    assert added["text"].tolist() == add_scrambled(table, 0.5, seed=7)["text"].tolist()


def test_short_texts_are_not_scrambled():
    short = pd.DataFrame([("four words at most", "A", "")] * 4, columns=["text", "author", "genre"])
    assert len(add_scrambled(short, 1, seed=7)) == len(add_scrambled(short, 0, seed=7)) == 4


def test_joined_texts_are_of_one_author_and_genre(table):
    joined = join_texts(table, 20)
    assert joined["author"].value_counts().to_dict() == {"A": 3, "B": 3, "Other": 4}
    assert (joined["text"].str.split().str.len() > 20).all()


def test_balanced_labels(table):
    balanced = balance_labels(table, seed=7)
    assert balanced["author"].value_counts().to_dict() == {"A": 12, "B": 12, "Other": 12}
    assert set(balanced["text"]) == set(table["text"])


def test_filters(table):
    assert set(without_genres(table, ["chat"])["genre"]) == set(only_genre(table, "news")["genre"]) == {"", "news"}
    assert encode_labels(table["author"], ["A", "B", "Other"]).tolist() == [0] * 10 + [1] * 10 + [2] * 12
