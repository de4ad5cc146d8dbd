"""A checkpoint is a ``save_pretrained`` folder with a ``shrump.json`` that says how it came to be."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from shrump.errors import ShrumpError
from shrump.models.adapters import load_adapters
from shrump.models.loading import LanguageModel, load_base
from shrump.recipe import Recipe
from shrump.workspace import Workspace, read_json, replacing, write_json

ABOUT = "shrump.json"
_WEIGHTS = ("config.json", "model.safetensors")
_REMEDY = "make it again with shrump run"


def save_checkpoint(folder: Path, best: Path, tokenizer, recipe: Recipe, inputs: dict[str, str], about: dict) -> None:
    """Make ``folder`` whole at once from the weights in ``best``, the tokenizer and what ``about`` says."""
    with replacing(folder) as temporary:
        shutil.copytree(best, temporary, ignore=shutil.ignore_patterns("README.md"))  # peft's empty model card
        tokenizer.save_pretrained(temporary)
        write_json(temporary / ABOUT, "model", recipe, inputs, about)


def read_about(folder: Path) -> dict:
    """What a checkpoint's ``shrump.json`` says; `ShrumpError` when files are missing or not ours."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ShrumpError(f"{folder} is not a folder: shrump models lists the checkpoints there are")
    about = read_json(folder / ABOUT, "model", _REMEDY)
    weights = ("adapter_config.json", "adapter_model.safetensors") if about["lora"] else _WEIGHTS
    for needed in (*weights, "tokenizer.json", "tokenizer_config.json"):
        if not (folder / needed).is_file():
            raise ShrumpError(f"{folder} lacks {needed}: {_REMEDY}")
    return about


def load_checkpoint(folder: Path) -> LanguageModel:
    """Load a checked checkpoint onto the device there is, ready to write."""
    about = read_about(folder)
    loaded = load_adapters(load_unadapted(folder), folder) if about["lora"] else load_base(folder, "", about["kind"])
    if len(loaded.tokenizer) > loaded.model.get_input_embeddings().num_embeddings:
        raise ShrumpError(f"{folder}: tokenizer and weights do not belong together: {_REMEDY}")
    loaded.model.eval()
    return loaded


def load_unadapted(folder: Path) -> LanguageModel:
    """Load the base that the checkpoint in ``folder`` was fine-tuned from, as it was then."""
    about = read_about(folder)
    loaded = load_base(resolve_base(folder, about), about["base_revision"], about["kind"], about["quantization"])
    loaded.model.eval()
    return loaded


def resolve_base(folder: Path, about: dict) -> str | Path:
    """Where a checkpoint's base is: beside it (a miniature's), a folder of the user's, or a hub id."""
    beside = Path(folder).absolute().parent / about["base"]
    return beside if beside.is_dir() else about["base"]


def find_checkpoints(workspaces: list[Workspace]) -> Iterator[Path]:
    """Folders below the workspaces' model folders that look like checkpoints, in order of name."""
    for workspace in workspaces:
        for about in sorted(workspace.models.glob(f"*/{ABOUT}")):
            yield about.parent


def describe(folder: Path) -> dict:
    """One row about a checkpoint for lists: its name, what it is, and ``problem`` where it cannot be used."""
    try:
        about = read_about(folder)
    except ShrumpError as error:
        return {"name": folder.name, "folder": str(folder), "problem": str(error)}
    except json.JSONDecodeError as error:
        return {"name": folder.name, "folder": str(folder), "problem": f"{ABOUT}: {error}"}
    keys = ("model", "kind", "base", "recipe", "created", "voices", "trained_tokens", "validation")
    return {"name": folder.name, "folder": str(folder), "problem": "", **{key: about.get(key) for key in keys}}
