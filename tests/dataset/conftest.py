"""A raw folder of a few hundred invented texts in the published formats, so that a dataset takes a moment."""

import csv
import dataclasses
import random
from datetime import date, timedelta

import pytest

from shrump.recipe import load_recipe
from shrump.workspace import Workspace

PLAYS, TWEETS, NEWS, GENRES, QUIZ = (
    "Shakespeare_data.csv", "Donald-Tweets!.csv", "other_news.csv", "other_genres.csv", "mmlu_validation.jsonl",
)  # fmt: skip
SYLLABLES = ["ba", "ko", "ri", "mu", "ste", "lan", "dor", "vi", "na", "tu", "el", "osh"]


def sentence(dice, low=6, high=24):
    """Made-up words; two of them hardly ever make the same text."""
    words = ["".join(dice.choices(SYLLABLES, k=3)) for _ in range(dice.randint(low, high))]
    return " ".join(words).capitalize() + "."


def write_csv(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def write_plays(path, dice):
    rows, number = [], 0
    for play in range(40):
        rows.append([0, f"Play {play}", "", "", "Stage Directions", "Enter two gentlemen"])
        for speech in range(1, 16):
            for line in range(dice.randint(1, 4)):
                number += 1
                text = sentence(dice, 6, 9)
                rows.append([number, f"Play {play}", speech, f"1.{speech}.{line}", f"PLAYER {speech % 3}", text])
    write_csv(path, ["Dataline", "Play", "PlayerLinenumber", "ActSceneLine", "Player", "PlayerLine"], rows)


def write_tweets(path, dice):
    start = date(2015, 7, 6)
    rows = []
    for day in range(350):
        stamp = (start + timedelta(days=day)).strftime("%y-%m-%d")
        rows += [[stamp, "1:00:00", sentence(dice), "text", "", ""] for _ in range(2)]
    rows += [["16-01-01", "1:00:00", f"RT @other: {sentence(dice)}", "text", "", ""] for _ in range(5)]
    rows += [["16-01-01", "1:00:00", f'"@other: {sentence(dice)}', "text", "", ""] for _ in range(7)]
    write_csv(path, ["Date", "Time", "Tweet_Text", "Type", "", ""], rows)


@pytest.fixture(scope="session")
def made_raw(tmp_path_factory):
    """The folder as it is made, once; tests must not change it."""
    folder = tmp_path_factory.mktemp("raw")
    dice = random.Random(3)
    write_plays(folder / PLAYS, dice)
    write_tweets(folder / TWEETS, dice)
    write_csv(folder / NEWS, ["english", "source"], [[sentence(dice), "made"] for _ in range(700)])
    genres = [[sentence(dice), f"genre {number % 6}", "made"] for number in range(600)]
    write_csv(folder / GENRES, ["text", "genre", "source"], genres)
    (folder / QUIZ).write_text('{"question": "Why?", "subject": "s", "choices": ["a"], "answer": 0}\n')
    return folder


@pytest.fixture
def raw(made_raw, tmp_path):
    """A copy of the folder, to be damaged."""
    import shutil

    return shutil.copytree(made_raw, tmp_path / "raw")


@pytest.fixture
def recipe_of():
    """A maker of recipes that read a raw folder: ``recipe_of(folder, "dataset.split='random'")``."""

    def make(folder, *settings, name="small"):
        return dataclasses.replace(load_recipe(name, settings), raw=str(folder))

    return make


@pytest.fixture
def place(tmp_path):
    return Workspace(tmp_path / "run")
