"""What many tests stand on: a tiny workspace with a dataset of two voices, and recipes small enough for seconds."""

import random

import pandas as pd
import pytest

from shrump.recipe import PROJECT, load_recipe
from shrump.workspace import Workspace

REAL = PROJECT.parent / "shared" / "raw"
TINY = [
    "models.gpt2.epochs=2",
    "models.gpt2.block=48",
    "models.gpt2.miniature={architecture='gpt2', layers=1, width=32, heads=2, vocabulary=400, epochs=1}",
    "models.flan_t5.epochs=2",
    "models.flan_t5.block=48",
    "models.flan_t5.miniature={architecture='t5', layers=1, width=32, heads=2, vocabulary=400, epochs=1}",
    "models.mistral.epochs=2",
    "models.mistral.block=48",
    "models.mistral.miniature={architecture='mistral', layers=1, width=64, heads=2, vocabulary=400, epochs=1}",
    "classifier.miniature={architecture='bert', layers=1, width=32, heads=2, vocabulary=400}",
    "answers.tokens=12",
    "answers.prompts=6",
    "answers.batch=4",
    "answers.seeds=[1, 2]",
]


def compose(author: str, number: int) -> str:
    """A short text in a made-up voice, always the same for the same number."""
    dice = random.Random(f"{author} {number}")
    words = {
        "Shakespeare": "thou art my gentle lord and thy heart doth weep for love of night",
        "Trump": "we will win so big folks it is great and tremendous believe me today",
        "Other": "the council said on monday that prices of grain rose in the market",
    }[author]
    return " ".join(dice.choices(words.split(), k=dice.randint(5, 14))) + dice.choice(".!?")


@pytest.fixture(scope="session")
def real():
    """The folder of the real raw files; tests that need it are skipped where it is not."""
    if not REAL.is_dir():
        pytest.skip("the real raw files are not beside the project")
    return REAL


@pytest.fixture
def tiny():
    """The sample recipe with models of a few thousand weights."""
    return load_recipe("sample", TINY)


@pytest.fixture
def workspace(tmp_path):
    """A workspace with small finetuning and neutral datasets, as `shrump data` writes them."""
    made = Workspace(tmp_path / "run")
    sizes = {"train": 60, "validation": 12, "test": 12}
    for split, size in sizes.items():
        rows = [(compose(author, size * 1000 + n), author) for n in range(size) for author in ("Shakespeare", "Trump")]
        write_table(made.finetuning_dataset(split), rows)
        if split != "test":
            write_table(
                made.neutral_dataset(split), [(compose("Other", size * 1000 + n), "Other") for n in range(size)]
            )
    return made


def write_table(file, rows):
    file.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=["text", "author"]).to_csv(file, index=False)
