"""Tables of labelled texts made from others: with scrambled texts, joined, balanced, without a genre."""

import random
from collections.abc import Sequence

import numpy as np
import pandas as pd

OTHER = "Other"
SCRAMBLED = "scrambled"
_FEWEST_WORDS = 8


def add_scrambled(table: pd.DataFrame, share: float, seed: int) -> pd.DataFrame:
    """Add texts of the authors' words in random order, labelled Other: nonsense is nobody's style.

    There are ``share`` times as many as there are texts by authors of 8 words or more (fewer are often still
    a sentence). Every second one holds the words of one text, the others draw from texts by two authors.
    """
    if not share:
        return table
    written = table[(table["author"] != OTHER) & (table["text"].str.split().str.len() >= _FEWEST_WORDS)]
    dice = random.Random(seed)
    pools = {author: rows["text"].tolist() for author, rows in written.groupby("author", sort=True)}
    drawn = written.sample(n=round(share * len(written)), random_state=seed)
    texts = []
    for number, (text, author) in enumerate(zip(drawn["text"], drawn["author"], strict=True)):
        words = text.split()
        if number % 2 and len(pools) > 1:
            other = dice.choice([name for name in pools if name != author])
            words = _mix(words, dice.choice(pools[other]).split(), dice)
        dice.shuffle(words)
        texts.append(" ".join(words))
    scrambled = pd.DataFrame({"text": texts, "author": OTHER, "genre": SCRAMBLED})
    return pd.concat([table, scrambled], ignore_index=True)


def join_texts(table: pd.DataFrame, words: int) -> pd.DataFrame:
    """Texts of over ``words`` words, joined from those of one author and genre in the order of the table."""
    joined = []
    for (author, genre), rows in table.groupby(["author", "genre"], sort=True):
        parts, length = [], 0
        for text in rows["text"]:
            parts.append(text)
            length += len(text.split())
            if length > words:
                joined.append((" ".join(parts), author, genre))
                parts, length = [], 0
    return pd.DataFrame(joined, columns=["text", "author", "genre"])


def balance_labels(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Repeat rows of the rarer labels until all labels have as many as the commonest one."""
    groups = [rows for _, rows in table.groupby("author", sort=True)]
    size = max(map(len, groups))
    repeated = []
    for rows in groups:
        whole, rest = divmod(size, len(rows))
        repeated += [rows] * whole + [rows.sample(n=rest, random_state=seed)]
    return pd.concat(repeated).sample(frac=1, random_state=seed).reset_index(drop=True)


def without_genres(table: pd.DataFrame, genres: Sequence[str]) -> pd.DataFrame:
    """The rows of all other genres, and those of the authors."""
    return table[(table["author"] != OTHER) | ~table["genre"].isin(genres)]


def only_genre(table: pd.DataFrame, genre: str) -> pd.DataFrame:
    """The authors' rows, and of Other's only those of one genre."""
    return table[(table["author"] != OTHER) | (table["genre"] == genre)]


def encode_labels(authors: pd.Series, labels: list[str]) -> np.ndarray:
    """The number of each text's label."""
    return authors.map({label: code for code, label in enumerate(labels)}).to_numpy(dtype=int)


def _mix(words: list[str], others: list[str], dice: random.Random) -> list[str]:
    """As many words as ``words`` has, drawn from both."""
    return dice.sample(words + others, len(words))
