"""From the answers' JSON to shares, paired comparisons and quality, without a model: rerun it anywhere."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shrump.errors import ShrumpError
from shrump.evaluation.comparing import compare_paired, correct_holm
from shrump.evaluation.intervals import bootstrap_interval, mean_interval, share_interval
from shrump.evaluation.plots import draw_model, draw_overview
from shrump.evaluation.quality import distinct, repetition, self_bleu
from shrump.evaluation.tables import write_tables
from shrump.progress import bar
from shrump.recipe import Recipe
from shrump.workspace import Workspace, read_json, sha256, write_json

BASE = "base"
_NEEDED = (
    "prompt_id",
    "arm",
    "seed",
    "text",
    "tokens",
    "ended",
    "label",
    "perplexity",
    "copied_8grams",
    "longest_copy",
)
_FIGURES = {"gpt2": "performance_GPT2", "flan_t5": "performance_FLAN_T5", "mistral": "performance_Mistral"}
_METHODS = {
    "share": "Wilson 95 %, n divided by the design effect of several answers to one prompt",
    "quality": "percentile bootstrap over prompts, 95 %",
    "comparisons": "each arm against base, paired by prompt; p_holm is Holm's over all comparisons of this file",
}


def score(recipe: Recipe, workspace: Workspace, models: Sequence[str]) -> None:
    """Score the answers of ``models``: ``results/scores.json``, ``scores.md`` and the figures.

    Raises `ShrumpError` where there are no answers, or where their file is damaged.
    """
    if not models:
        raise ShrumpError("there are no answers to score: write some with shrump answers MODEL")
    scored = {}
    with bar(len(models), "scoring", "model") as progress:
        for name in models:
            content = read_json(workspace.answers(name), "answers", f"write it again with shrump answers {name}")
            labels, answers = content["labels"], read_answers(content, workspace.answers(name).name)
            scored[name] = score_model(answers, labels, recipe.seed)
            progress.update(1)
    correct_all(scored)
    inputs = {workspace.relative(workspace.answers(name)): sha256(workspace.answers(name)) for name in models}
    payload = {"labels": recipe.labels, "methods": _METHODS, "models": scored}
    for name in models:
        draw_model(scored[name], name, recipe.labels, workspace.image(figure_name(name)))
    if len(models) > 1:
        draw_overview(scored, recipe.labels, workspace.image("performance_overview"))
    write_tables(workspace.result("scores.md"), payload)
    write_json(workspace.result("scores.json"), "scores", recipe, inputs, payload)


def figure_name(model: str) -> str:
    """What a model's figure is called."""
    return _FIGURES.get(model, f"performance_{model}")


def read_answers(content: dict, file: str) -> pd.DataFrame:
    """The answers as a table, one row each; `ShrumpError` names what is missing or twice there."""
    rows = content.get("answers")
    if not rows:
        raise ShrumpError(f"{file} holds no answers: write them again with shrump answers")
    for number, row in enumerate(rows, start=1):
        for key in _NEEDED:
            if key not in row:
                raise ShrumpError(f"{file}: answer {number} lacks {key}: write them again with shrump answers")
    table = pd.DataFrame(rows)
    twice = table.duplicated(["arm", "prompt_id", "seed"])
    if twice.any():
        row = table[twice].iloc[0]
        raise ShrumpError(f"{file}: arm {row.arm} answers prompt {row.prompt_id} twice with seed {row.seed}")
    return table


def score_model(answers: pd.DataFrame, labels: Sequence[str], seed: int) -> dict:
    """One model's ``arms`` and ``comparisons``, as `scores.json` holds them (p not yet corrected)."""
    arms = {arm: rows for arm, rows in answers.groupby("arm", sort=False)}
    scored = {arm: _score_arm(rows, labels, seed) for arm, rows in arms.items()}
    compared = []
    for arm in arms:
        if arm != BASE and BASE in arms:
            compared += _compare_arm(arms[arm], arms[BASE], labels, seed)
    return {"arms": scored, "comparisons": compared}


def correct_all(scored: dict[str, dict]) -> None:
    """Put ``p_holm`` beside every p of every model: all of them together are the family."""
    every = [comparison for model in scored.values() for comparison in model["comparisons"]]
    for comparison, p in zip(every, correct_holm([each["p"] for each in every]), strict=True):
        comparison["p_holm"] = p


def _score_arm(rows: pd.DataFrame, labels: Sequence[str], seed: int) -> dict:
    prompts = rows["prompt_id"].to_numpy()
    return {
        "n": len(rows),
        "prompts": int(rows["prompt_id"].nunique()),
        "share": {label: share_interval(rows["label"] == label, prompts) for label in labels},
        "authors": share_interval(rows["label"] != labels[-1], prompts),
        "ended": share_interval(rows["ended"], prompts),
        "empty": share_interval(rows["text"].str.strip() == "", prompts),
        "quality": _measure_quality(rows, seed),
    }


def _measure_quality(rows: pd.DataFrame, seed: int) -> dict:
    texts = rows["text"].tolist()

    prompts = rows["prompt_id"].to_numpy()

    def average(values: pd.Series) -> dict:
        return mean_interval(values.astype(float), prompts, seed)

    return {
        "perplexity": _measure_perplexity(rows, seed),
        **{f"distinct_{order}": round(distinct(texts, order), 4) for order in (1, 2, 3)},
        "self_bleu": round(self_bleu(texts), 4),
        "repetition": average(rows["text"].map(repetition)),
        "tokens": average(rows["tokens"]),
        "copied_8grams": average(rows["copied_8grams"]),
        "longest_copy": int(rows["longest_copy"].max()),
    }


def _measure_perplexity(rows: pd.DataFrame, seed: int) -> dict | None:
    """The median with an interval from a bootstrap over prompts; None where no outside scorer was at hand."""
    by_prompt = rows.pivot(index="prompt_id", columns="seed", values="perplexity").to_numpy(dtype=float)
    if np.isnan(by_prompt).all():
        return None
    return bootstrap_interval(by_prompt, np.nanmedian, seed)


def _compare_arm(rows: pd.DataFrame, base: pd.DataFrame, labels: Sequence[str], seed: int) -> list[dict]:
    """One arm against the base: labelled any of the authors, then each of them."""
    authors = labels[:-1]
    outcomes = {"authors": authors, **{author: [author] for author in authors}}
    compared = []
    for outcome, hits in outcomes.items():
        arm, against = _pair(rows, base, hits)
        result = compare_paired(arm, against, seed)
        compared.append({"arm": rows["arm"].iloc[0], "against": BASE, "outcome": outcome, **result})
    return compared


def _pair(rows: pd.DataFrame, base: pd.DataFrame, hits: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes [prompts, seeds] of the prompts and seeds that both arms answered."""
    tables = [
        part.assign(hit=part["label"].isin(hits).astype(float)).pivot(index="prompt_id", columns="seed", values="hit")
        for part in (rows, base)
    ]
    one, two = tables[0].align(tables[1], join="inner")
    whole = one.notna().all(axis=1) & two.notna().all(axis=1)
    if not whole.any():
        raise ShrumpError(f"arm {rows['arm'].iloc[0]} and base share no prompt: write the answers again")
    return one[whole].to_numpy(), two[whole].to_numpy()
