"""A finished dataset as tables to read: counts, what was dropped and why, examples, cheap cues."""

import pandas as pd

from shrump.dataset.cleaning import neutralise_cues
from shrump.dataset.cues import cue_only_macro_f1
from shrump.dataset.cutting import count_words
from shrump.workspace import SPLITS, Workspace, read_json

FINETUNING, INTEGRATED = "finetuning", "integrated"
_REMEDY = "run shrump data"


def read_about(workspace: Workspace) -> dict:
    """What ``dataset.json`` says; `ShrumpError` where there is no dataset yet."""
    return read_json(workspace.dataset_json, "dataset", _REMEDY)


def read_texts(workspace: Workspace, dataset: str) -> pd.DataFrame:
    """All texts of the "finetuning" or the "integrated" dataset, with their ``split`` and length in ``words``."""
    place = {FINETUNING: workspace.finetuning_dataset, INTEGRATED: workspace.integrated_dataset}[dataset]
    parts = [pd.read_csv(place(split), keep_default_na=False).assign(split=split) for split in SPLITS]
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(words=rows["text"].map(count_words))


def tabulate_counts(about: dict, dataset: str) -> pd.DataFrame:
    """Texts and tokens of each label and split, and the split's share of the label's tokens in percent."""
    key = {FINETUNING: "splits", INTEGRATED: "integrated"}[dataset]
    rows = [
        {"author": author, "split": split, **counts}
        for split, authors in about[key].items()
        for author, counts in authors.items()
    ]
    table = pd.DataFrame(rows)
    totals = table.groupby("author")["tokens"].transform("sum")
    table["share of tokens (%)"] = (100 * table["tokens"] / totals).round(1)
    return table.sort_values("author", kind="stable", ignore_index=True)


def tabulate_balance(about: dict) -> pd.DataFrame:
    """Tokens of each author after cleaning, in the balanced dataset, in the integrated one, and unused."""
    authors = list(about["splits"]["train"])
    return pd.DataFrame(
        {
            "after cleaning": {author: about["kept"][author]["tokens"] for author in authors},
            "balanced": {author: _sum_tokens(about["splits"], author) for author in authors},
            "integrated": {author: _sum_tokens(about["integrated"], author) for author in authors},
            "unused": {author: about["unused"].get(author, {"tokens": 0})["tokens"] for author in authors},
        }
    )


def tabulate_losses(about: dict) -> pd.DataFrame:
    """Rows dropped by each rule, a column a label."""
    table = pd.DataFrame(about["dropped"]).fillna(0).astype(int)
    return table.rename(index=lambda rule: rule.replace("_", " ")).sort_index()


def tabulate_genres(rows: pd.DataFrame) -> pd.DataFrame:
    """How many texts of Other come from each genre, a column a split."""
    others = rows[rows["genre"] != ""]
    return pd.crosstab(others["genre"], others["split"])[list(SPLITS)]


def compare_cues(rows: pd.DataFrame) -> pd.Series:
    """Macro-F1 on the test split of length, case and marks alone, beside chance and in the cue-neutral view."""
    train, test = (rows[rows["split"] == split] for split in ("train", "test"))
    neutral = [part.assign(text=part["text"].map(neutralise_cues)) for part in (train, test)]
    return pd.Series(
        {
            "chance": 1 / rows["author"].nunique(),
            "cue-neutral view": cue_only_macro_f1(*neutral),
            "text as it is": cue_only_macro_f1(train, test),
        },
        name="macro-F1",
    )


def pick_examples(rows: pd.DataFrame, count: int = 3, seed: int = 7) -> pd.DataFrame:
    """Some texts of each label."""
    return rows.groupby("author").sample(count, random_state=seed)[["author", "text"]].reset_index(drop=True)


def _sum_tokens(splits: dict, author: str) -> int:
    return sum(counts[author]["tokens"] for counts in splits.values())
