"""The worked example of Dataset/README.md: authors of one's own from plain files, without a line of code."""

import dataclasses
import json
import random
import tomllib

import pandas as pd
import pytest

from shrump.dataset.build import build_dataset
from shrump.recipe import DatasetRecipe, build
from shrump.workspace import SPLITS

TABLE = """
authors = [
  { name = "Marlow Finch", file = "finch.csv", text = "entry", group = "diary" },
  { name = "Odile Brandt", file = "brandt.jsonl" },
]
other = [{ name = "news", file = "other_news.csv", text = "english" }]
"""
THIRD = TABLE.replace('file = "brandt.jsonl" },', 'file = "brandt.jsonl" },\n  { name = "Ivo", file = "ivo.txt" },')
WORDS = {
    "finch": "harbour tide gull lantern salt rope anchor mist keel harpoon drift sailor wreck shoal brine",
    "brandt": "theorem lemma proof axiom set field ring group limit kernel image basis norm trace rank",
    "ivo": "oven flour yeast crust sugar apron butter knead sift glaze tart crumb dough rye salt",
}


def invent(name, dice, low=5, high=20):
    return " ".join(dice.choices(WORDS[name].split(), k=dice.randint(low, high))).capitalize() + "."


@pytest.fixture
def authored(raw):
    """The raw folder with three invented authors in three formats."""
    dice = random.Random(5)
    entries = [(invent("finch", dice), f"diary {number % 40}") for number in range(800)]
    pd.DataFrame(entries, columns=["entry", "diary"]).to_csv(raw / "finch.csv", index=False)
    lines = [json.dumps({"text": invent("brandt", dice)}) for _ in range(900)]
    (raw / "brandt.jsonl").write_text("\n".join(lines))
    (raw / "ivo.txt").write_text("\n".join(invent("ivo", dice) for _ in range(700)))
    return raw


@pytest.mark.parametrize(("table", "authors"), [(TABLE, ["Marlow Finch", "Odile Brandt"]), (THIRD, None)])
def test_authors_of_ones_own(authored, recipe_of, place, table, authors):
    settings = build(DatasetRecipe, tomllib.loads(table), "recipes.toml: mine.dataset")
    recipe = dataclasses.replace(recipe_of(authored), dataset=settings)
    build_dataset(recipe, place)
    authors = authors or ["Marlow Finch", "Odile Brandt", "Ivo"]
    content = json.loads(place.dataset_json.read_text())
    tokens = [sum(content["splits"][split][author]["tokens"] for split in SPLITS) for author in authors]
    assert max(tokens) / min(tokens) < 1.01
    for split in SPLITS:
        counts = pd.read_csv(place.integrated_dataset(split)).author.value_counts()
        assert set(counts.index) == {*authors, "Other"}
        assert counts[authors].nunique() == 1
    diaries = content["groups"]["Marlow Finch"]
    assert sum(map(len, diaries.values())) == 40
