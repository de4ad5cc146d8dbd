"""From raw files to the three datasets: read, clean, drop duplicates, divide, balance, write."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from shrump.dataset.choosing import (
    GENERATOR,
    INTEGRATED,
    Chosen,
    choose_balanced,
    choose_integrated,
    choose_neutral,
    divide,
    shuffle,
)
from shrump.dataset.corpus import OTHER, Account, Corpus, read_corpus
from shrump.dataset.sources import raw_files
from shrump.recipe import Recipe
from shrump.workspace import SPLITS, Workspace, replacing, sha256, write_json


def build_dataset(recipe: Recipe, workspace: Workspace) -> None:
    """Write the generator's, the integrated and the neutral dataset, and ``dataset.json`` last of all.

    Nothing is written before everything is decided: after a `ShrumpError` (a missing or damaged file, too
    little text) an earlier dataset is as it was.
    """
    inputs = {path.name: sha256(path) for path in raw_files(recipe)}
    account = Account()
    corpus = read_corpus(recipe, account)
    parts = divide(corpus, recipe)
    generator = choose_balanced(corpus, recipe, parts)
    integrated = choose_integrated(corpus, recipe, parts, generator)
    neutral = choose_neutral(corpus, recipe, integrated)
    for chosen, place, columns in (
        (generator, workspace.finetuning_dataset, ("text", "author")),
        (integrated, workspace.integrated_dataset, ("text", "author", "genre")),
        (neutral, workspace.neutral_dataset, ("text", "author")),
    ):
        for split, rows in chosen.items():
            _write(corpus, shuffle(rows, recipe, place(split).name), columns, place(split))
    payload = {
        "splits": _count(corpus, generator),
        "integrated": _count(corpus, integrated),
        "neutral": _count(corpus, neutral),
        "kept": _count_rows(corpus, np.arange(len(corpus.label))),
        "unused": _count_rows(corpus, _unused(corpus, generator, integrated, neutral)),
        "dropped": {label: dict(sorted(account.dropped[label].items())) for label in corpus.labels},
        "mended": {label: dict(sorted(account.mended[label].items())) for label in corpus.labels},
        "groups": _name_groups(corpus, parts),
        "sources": {name: {"sha256": value} for name, value in inputs.items()},
    }
    write_json(workspace.dataset_json, "dataset", recipe, inputs, payload)


def _write(corpus: Corpus, rows: np.ndarray, columns: Sequence[str], path: Path) -> None:
    names = np.asarray(corpus.labels, dtype=object)[corpus.label[rows]]
    genres = np.asarray(corpus.genres, dtype=object)[corpus.genre[rows]]
    table = pd.DataFrame(
        {
            "text": corpus.texts(rows),
            "author": names,
            "genre": np.where(names == OTHER, genres, ""),
        }
    )
    with replacing(path) as temporary:
        table[list(columns)].to_csv(temporary, index=False, lineterminator="\n", encoding="utf-8")


def _count(corpus: Corpus, chosen: Chosen) -> dict:
    return {split: _count_rows(corpus, rows) for split, rows in chosen.items()}


def _count_rows(corpus: Corpus, rows: np.ndarray) -> dict:
    """Texts and tokens of every label that the rows hold."""
    texts = np.bincount(corpus.label[rows], minlength=len(corpus.labels))
    tokens = np.bincount(corpus.label[rows], weights=corpus.tokens[rows], minlength=len(corpus.labels))
    return {
        label: {"texts": int(texts[code]), "tokens": int(tokens[code])}
        for code, label in enumerate(corpus.labels)
        if texts[code]
    }


def _unused(corpus: Corpus, *datasets: Chosen) -> np.ndarray:
    free = np.ones(len(corpus.label), dtype=bool)
    for chosen in datasets:
        for rows in chosen.values():
            free[rows] = False
    return np.flatnonzero(free)


def _name_groups(corpus: Corpus, parts: np.ndarray) -> dict:
    """For each author the named groups (plays, weeks) of each part, so that anybody can check who is where."""
    datasets = {"finetuning": GENERATOR, "integrated": INTEGRATED}
    found = {}
    for code, label in enumerate(corpus.labels[:-1]):
        found[label] = {}
        for dataset, first in datasets.items():
            for number, split in enumerate(SPLITS):
                codes = np.unique(corpus.group[(corpus.label == code) & (parts == first + number)])
                found[label][f"{dataset} {split}"] = sorted(filter(None, (corpus.groups[group] for group in codes)))
    return found
