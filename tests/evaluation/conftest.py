"""A trained classifier of a few thousand weights, made once for all tests."""

import random

import pandas as pd
import pytest

from shrump.evaluation.classifier import train_classifier
from shrump.evaluation.leaveout import leave_genres_out
from shrump.recipe import load_recipe
from shrump.workspace import Workspace

WORDS = {
    ("Shakespeare", ""): "thou art my gentle lord and thy heart doth weep for love of night",
    ("Trump", ""): "we will win so big folks it is great and tremendous believe me today",
    ("Other", "news"): "the council said on monday that prices of grain rose in market",
    ("Other", "recipes"): "stir two cups of flour with salt then bake until golden brown",
    ("Other", "chat"): "lol yeah idk maybe later dude sounds good see you there ok",
}
TINY = [
    "classifier.miniature={architecture='bert', layers=1, width=32, heads=2, vocabulary=400}",
    "classifier.learning_rate=5e-3",
    "classifier.epochs=3",
    "classifier.leave_out=2",
]


@pytest.fixture(scope="session")
def tiny_classifier_recipe():
    return load_recipe("sample", TINY)


@pytest.fixture(scope="session")
def judged(tmp_path_factory, tiny_classifier_recipe):
    """A workspace with an integrated dataset, a classifier trained on it, and its reports."""
    place = Workspace(tmp_path_factory.mktemp("judged"))
    for split, size in (("train", 60), ("validation", 30), ("test", 30)):
        write_integrated(place, split, size)
    leave_genres_out(tiny_classifier_recipe, place)
    train_classifier(tiny_classifier_recipe, place)
    return place


def write_integrated(place, split, size):
    dice = random.Random(split)
    rows = []
    for (author, genre), words in WORDS.items():
        count = size if author != "Other" else size // 2
        rows += [(" ".join(dice.choices(words.split(), k=dice.randint(5, 14))), author, genre) for _ in range(count)]
    dice.shuffle(rows)
    file = place.integrated_dataset(split)
    file.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=["text", "author", "genre"]).to_csv(file, index=False)
