"""What a classifier is worth: its figures on test texts, by label, genre and length, with intervals."""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

from shrump.dataset.cleaning import neutralise_cues
from shrump.dataset.cues import cue_only_macro_f1
from shrump.evaluation.calibration import expected_calibration_error, reliability
from shrump.evaluation.intervals import f1_intervals, wilson
from shrump.evaluation.variants import OTHER, SCRAMBLED, encode_labels, join_texts, only_genre
from shrump.recipe import Recipe

LONG = 60  # words
_FEWEST = 20
_LENGTHS = ((1, 7), (8, 15), (16, 23), (24, 40), (41, LONG), (LONG + 1, 10_000))


def report_classifier(recipe: Recipe, classifier, tables: dict[str, pd.DataFrame]) -> dict:
    """The figures of ``results/classifier.json`` on the test table (columns text, author, genre).

    Macro-F1 is the mean of the labels' F1, so that each label counts the same. Long texts are joined from
    test texts of one author and genre.
    """
    labels, test = recipe.labels, tables["test"]
    judged = judge(classifier, test, labels)
    joined = judge(classifier, join_texts(test, LONG), labels)
    windows = judged[judged["words"] >= 8]
    news = recipe.dataset.neutral
    shares, truth = judged[[f"p {label}" for label in labels]].to_numpy(), encode_labels(judged["author"], labels)
    return {
        "labels": labels,
        "base": Path(recipe.classifier.base).name,
        "n": len(test),
        "accuracy": _accuracy(judged),
        "macro_f1": macro_f1(judged, labels, recipe.seed),
        "news_only_macro_f1": macro_f1(only_genre(judged, news), labels, recipe.seed),
        "long_text_macro_f1": macro_f1(joined, labels, recipe.seed) | {"n": len(joined), "over_words": LONG},
        "from_8_words": {
            "n": len(windows),
            "macro_f1": macro_f1(windows, labels, recipe.seed),
            "news_only_macro_f1": macro_f1(only_genre(windows, news), labels, recipe.seed),
        },
        "ece": round(expected_calibration_error(shares, truth), 4),
        "per_class": _per_class(judged, labels, recipe.seed),
        "confusion": _confusion(judged, labels),
        "reliability": reliability(shares, truth),
        "by_genre": false_attribution(judged, labels),
        "by_length": _by_length(pd.concat([judged, joined]), labels, recipe.seed),
        "unfamiliar": round(float(judged["unfamiliar"].mean()), 4),
        "calibration": classifier.calibration.as_dict(),
        **_cues(tables),
    }


def judge(classifier, table: pd.DataFrame, labels: list[str]) -> pd.DataFrame:
    """The table with each text's probabilities (a column per label), ``said``, ``words`` and ``unfamiliar``."""
    logits = classifier.logits(table["text"].tolist())
    shares = classifier.calibration.probabilities(logits, labels)
    return table.assign(
        **{f"p {label}": shares[:, code] for code, label in enumerate(labels)},
        said=[labels[code] for code in shares.argmax(axis=1)],
        words=table["text"].str.split().str.len(),
        unfamiliar=classifier.calibration.is_unfamiliar(logits, labels),
    )


def report_news_only(recipe: Recipe, classifier, tables: dict[str, pd.DataFrame]) -> dict:
    """What a ``classifier`` that met nothing but news as Other makes of it, and of the genres it never met."""
    labels, news = recipe.labels, recipe.dataset.neutral
    judged = judge(classifier, tables["test"], labels)
    everything = pd.concat(tables.values())
    unseen = everything[(everything["author"] == OTHER) & (everything["genre"] != news)]
    return {
        "news_only_macro_f1": macro_f1(only_genre(judged, news), labels, recipe.seed),
        "macro_f1": macro_f1(judged, labels, recipe.seed),
        "by_genre": false_attribution(judge(classifier, unseen, labels), labels),
    }


def false_attribution(judged: pd.DataFrame, labels: list[str]) -> dict:
    """For each genre of Other how often its texts are given to an author, and to whom."""
    found = {}
    for genre, rows in judged[judged["author"] == OTHER].groupby("genre", sort=True):
        wrong = rows["said"][rows["said"] != OTHER]
        given = {author: int((wrong == author).sum()) for author in labels[:-1]}
        found[genre] = {"n": len(rows), "false_attribution": wilson(len(wrong), len(rows)), "given_to": given}
    return found


def macro_f1(judged: pd.DataFrame, labels: list[str], seed: int) -> dict[str, float]:
    """The mean of the labels' F1 on judged texts, with its interval."""
    return f1_intervals(_count(judged, labels), seed)[0]


def _count(judged: pd.DataFrame, labels: list[str]) -> np.ndarray:
    """How many texts of each label got which: [true, said]."""
    if judged.empty:
        return np.zeros((len(labels), len(labels)), dtype=int)
    return confusion_matrix(judged["author"], judged["said"], labels=labels)


def _per_class(judged: pd.DataFrame, labels: list[str], seed: int) -> dict:
    counts = _count(judged, labels)
    found = {}
    for code, (label, f1) in enumerate(zip(labels, f1_intervals(counts, seed)[1], strict=True)):
        hits, support = int(counts[code, code]), int(counts[code].sum())
        precision = wilson(hits, int(counts[:, code].sum()))
        found[label] = {"precision": precision, "recall": wilson(hits, support), "f1": f1, "support": support}
    return found


def _accuracy(judged: pd.DataFrame) -> dict[str, float]:
    return wilson(int((judged["author"] == judged["said"]).sum()), len(judged))


def _confusion(judged: pd.DataFrame, labels: list[str]) -> dict:
    """``confusion[true][said]`` counts texts."""
    rows = _count(judged, labels).tolist()
    return {true: dict(zip(labels, row, strict=True)) for true, row in zip(labels, rows, strict=True)}


def _by_length(judged: pd.DataFrame, labels: list[str], seed: int) -> list[dict]:
    """Figures by words of a text; lengths with fewer than 20 texts say nothing and are left out."""
    found = []
    for low, high in _LENGTHS:
        rows = judged[judged["words"].between(low, high)]
        if len(rows) >= _FEWEST:
            figures = {"accuracy": _accuracy(rows), "macro_f1": macro_f1(rows, labels, seed)}
            found.append(
                {"from_words": low, "to_words": min(high, int(rows["words"].max())), "n": len(rows), **figures}
            )
    return found


def _cues(tables: dict[str, pd.DataFrame]) -> dict[str, float]:
    """What length, case and marks alone give away: chance is about a third."""
    real = {split: table[table["genre"] != SCRAMBLED] for split, table in tables.items()}
    hidden = {split: table.assign(text=table["text"].map(neutralise_cues)) for split, table in real.items()}
    return {
        "cue_only_macro_f1": round(cue_only_macro_f1(real["train"], real["test"]), 4),
        "cue_only_neutral_macro_f1": round(cue_only_macro_f1(hidden["train"], hidden["test"]), 4),
    }
