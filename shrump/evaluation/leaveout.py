"""What the classifier makes of a genre that it never met: one training without each, or each part, of them."""

import json
import random
from pathlib import Path

import pandas as pd

from shrump.errors import ShrumpError
from shrump.evaluation.classifier import make_classifier
from shrump.evaluation.classifier_plots import draw_false_attribution
from shrump.evaluation.integrated import hash_integrated, read_integrated
from shrump.evaluation.report import false_attribution, judge
from shrump.evaluation.variants import OTHER, without_genres
from shrump.recipe import Recipe
from shrump.workspace import Workspace, write_json, write_text

STAGE = "leave-out"


def leave_genres_out(recipe: Recipe, workspace: Workspace) -> None:
    """Write ``results/leave_one_genre_out.json`` and ``images/false_attribution.png``.

    For every genre of Other: the share of its texts, of all splits since none was trained on, that a classifier
    trained without it gives to an author. Parts that are done are kept through a stop.
    Raises `ShrumpError` where the recipe's ``leave_out`` is 0 or there is but one genre.
    """
    if not recipe.classifier.leave_out:
        raise ShrumpError("the recipe leaves no genre out: set classifier.leave_out to the number of parts")
    tables = read_integrated(recipe, workspace)
    parts = part_genres(tables["train"], recipe.classifier.leave_out, recipe.seed)
    found = {}
    for number, genres in enumerate(parts, start=1):
        scratch = workspace.scratch(STAGE) / f"part-{number}"
        what = f"without part {number} of {len(parts)}"
        found |= _measure_once(recipe, tables, genres, scratch, what)
    payload = {"trainings": len(parts), "left_out_together": parts, "genres": dict(sorted(found.items()))}
    draw_false_attribution(found, recipe.labels, workspace.image("false_attribution"))
    file = workspace.result("leave_one_genre_out.json")
    write_json(file, "leave-one-genre-out", recipe, hash_integrated(workspace), payload)


def part_genres(table: pd.DataFrame, count: int, seed: int) -> list[list[str]]:
    """The genres of Other in ``count`` parts of about equal number, one genre each at most where count allows."""
    genres = sorted(set(table.loc[table["author"] == OTHER, "genre"]))
    if len(genres) < 2:
        raise ShrumpError("Other has one genre alone: there is nothing to train on without it")
    random.Random(seed).shuffle(genres)
    count = min(max(count, 2), len(genres))
    return [sorted(genres[start::count]) for start in range(count)]


def _measure_once(recipe: Recipe, tables: dict, genres: list[str], scratch: Path, what: str) -> dict:
    """The false attribution of ``genres`` by a classifier without them; read where it was measured before."""
    done = scratch / "done.json"
    if done.exists():
        return json.loads(done.read_text(encoding="utf-8"))
    training, validation = (without_genres(tables[split], genres) for split in ("train", "validation"))
    classifier, _ = make_classifier(recipe, training, validation, scratch, what)
    everything = pd.concat(tables.values())
    unseen = everything[(everything["author"] == OTHER) & everything["genre"].isin(genres)]
    found = false_attribution(judge(classifier, unseen, recipe.labels), recipe.labels)
    write_text(done, json.dumps(found))
    return found
