"""The integrated dataset as the classifier's room reads it: by split, with scrambled texts among Other."""

import pandas as pd

from shrump.errors import ShrumpError
from shrump.evaluation.variants import add_scrambled
from shrump.recipe import Recipe
from shrump.workspace import SPLITS, Workspace, sha256


def read_integrated(recipe: Recipe, workspace: Workspace) -> dict[str, pd.DataFrame]:
    """The integrated dataset by split, with scrambled texts among Other."""
    tables = {}
    for number, split in enumerate(SPLITS):
        file = workspace.integrated_dataset(split)
        try:
            table = pd.read_csv(file, dtype=str, keep_default_na=False)
        except FileNotFoundError:
            raise ShrumpError(f"{file} is missing: make it with shrump data") from None
        if missing := {"text", "author", "genre"} - set(table.columns):
            raise ShrumpError(f"{file} lacks the column {min(missing)}: make it again with shrump data")
        unknown = set(table["author"]) - set(recipe.labels)
        if unknown:
            raise ShrumpError(f"{file} holds the unknown label {min(unknown)!r}: make it again with shrump data")
        tables[split] = add_scrambled(table, recipe.classifier.scrambled, recipe.seed + number)
    return tables


def hash_integrated(workspace: Workspace) -> dict[str, str]:
    """The sha256 of each split."""
    files = [workspace.integrated_dataset(split) for split in SPLITS]
    return {workspace.relative(file): sha256(file) for file in files}
