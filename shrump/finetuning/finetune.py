"""Fine-tuning a language model on the authors, and before that making a miniature's own base."""

from functools import partial
from pathlib import Path

import pandas as pd

from shrump.errors import ShrumpError
from shrump.finetuning.measuring import mean_loss, perplexity
from shrump.finetuning.packing import Blocks, collate_blocks, pack_examples
from shrump.finetuning.training import Settings, train
from shrump.finetuning.voices import BASE, Example, make_examples, voice_examples, voices_of
from shrump.models.checkpoint import load_checkpoint, save_checkpoint
from shrump.models.loading import LanguageModel, load_base
from shrump.recipe import MINIATURE, Recipe
from shrump.workspace import Workspace, sha256

_ARTICLE = 4  # neutral texts joined into one, so that a base has seen longer contexts than one sentence


def pretrain(recipe: Recipe, workspace: Workspace, name: str) -> None:
    """Make the miniature base of model ``name``: a tokenizer and a language model learnt from neutral news."""
    from transformers import set_seed

    from shrump.models.miniature import build_language_model, train_tokenizer

    chosen = recipe.models[name]
    neutral, validation = (read_table(workspace.neutral_dataset(split)) for split in ("train", "validation"))
    everyone = [neutral, read_table(workspace.finetuning_dataset("train"))]
    tokenizer = train_tokenizer(pd.concat(everyone)["text"], chosen.miniature)
    set_seed(recipe.seed)
    model = build_language_model(chosen.miniature, tokenizer, chosen.block)
    language = LanguageModel(model, tokenizer, chosen.kind)
    rows = pack_examples(_join_articles(neutral["text"]), language, chosen.block)
    held_out = {"Other": pack_examples(_join_articles(validation["text"]), language, chosen.block)}
    settings = Settings(
        chosen.miniature.epochs, chosen.miniature.learning_rate, chosen.batch, recipe.seed,
        key=f"models.{name}.miniature.learning_rate",
    )  # fmt: skip
    scratch = workspace.scratch(f"base {name}")
    best, history = _train(language, rows, held_out, settings, scratch, f"base of {name}")
    about = {
        "model": name,
        "kind": chosen.kind,
        "base": MINIATURE,
        "base_revision": "",
        "voices": {},
        "dataset_sha256": sha256(workspace.neutral_dataset("train")),
        "trained_tokens": rows.trained_tokens * len(history.epochs),
        "epochs": len(history.epochs),
        "history": history.epochs,
    }
    inputs = {workspace.relative(file): sha256(file) for file in [workspace.neutral_dataset("train")]}
    save_checkpoint(workspace.base(name), best, tokenizer, recipe, inputs, about)


def finetune(recipe: Recipe, workspace: Workspace, name: str) -> None:
    """Fine-tune model ``name`` on the balanced dataset, and keep its best epoch in ``Interface/models``.

    Raises `ShrumpError` when the base cannot be loaded or the loss is lost.
    """
    chosen = recipe.models[name]
    language, where = _load_base(recipe, workspace, name)
    train_file, validation_file = (workspace.finetuning_dataset(split) for split in ("train", "validation"))
    table = read_table(train_file)
    table = table.sample(frac=chosen.share, random_state=recipe.seed) if chosen.share < 1 else table
    rows = table[["text", "author"]].itertuples(index=False, name=None)
    examples = make_examples(rows, chosen.kind, chosen.voices, chosen.neutral_share, recipe.seed)
    blocks = pack_examples(examples, language, chosen.block)
    held_out = _pack_by_author(read_table(validation_file), recipe, language, name)
    language.model.eval()
    before = {author: mean_loss(language.model, pieces, language.pad) for author, pieces in held_out.items()}
    settings = Settings(
        chosen.epochs,
        chosen.learning_rate,
        chosen.batch,
        recipe.seed,
        chosen.warmup,
        key=f"models.{name}.learning_rate",
    )
    scratch = workspace.scratch(f"finetune {name}")
    best, history = _train(language, blocks, held_out, settings, scratch, f"fine-tuning {name}")
    about = {
        "model": name,
        "kind": chosen.kind,
        "base": where,
        "base_revision": chosen.base_revision,
        "quantization": None,
        "lora": None,
        "dataset_sha256": sha256(train_file),
        "voices": voices_of(recipe.authors, chosen.voices),
        "authors": recipe.authors,
        "trained_tokens": blocks.trained_tokens * len(history.epochs),
        "epochs": len(history.epochs),
        "validation": {
            author: {
                "base_perplexity": perplexity(before[author]),
                "perplexity": perplexity(history.best[author]),
                "tokens": pieces.trained_tokens,
            }
            for author, pieces in held_out.items()
        },
        "history": history.epochs,
    }
    inputs = {workspace.relative(file): sha256(file) for file in (train_file, validation_file)}
    save_checkpoint(workspace.checkpoint(name), best, language.tokenizer, recipe, inputs, about)


def read_table(file: Path) -> pd.DataFrame:
    """Read a dataset that `shrump data` wrote; `ShrumpError` where it is missing."""
    try:
        return pd.read_csv(file, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise ShrumpError(f"{file} is missing: make it with shrump data") from None


def _load_base(recipe: Recipe, workspace: Workspace, name: str) -> tuple[LanguageModel, str]:
    """The base of a model, and how its checkpoint names it: beside it, or by its hub id."""
    chosen = recipe.models[name]
    if chosen.base == MINIATURE:
        folder = workspace.base(name)
        return load_checkpoint(folder), f"../{folder.name}"
    return load_base(chosen.base, chosen.base_revision, chosen.kind), chosen.base


def _train(language: LanguageModel, rows: Blocks, held_out: dict[str, Blocks], settings: Settings, scratch, what):
    def measure(model) -> dict[str, float]:
        losses = {name: mean_loss(model, blocks, language.pad) for name, blocks in held_out.items()}
        return {"loss": sum(losses.values()) / len(losses), **losses}

    collate = partial(collate_blocks, pad=language.pad)
    return train(language.model, rows, collate, measure, settings, scratch, what)


def _pack_by_author(table: pd.DataFrame, recipe: Recipe, language: LanguageModel, name: str) -> dict[str, Blocks]:
    """The validation texts of each author, in the author's own voice."""
    chosen = recipe.models[name]
    packed = {}
    for author in recipe.authors:
        voice = author if chosen.voices else BASE
        examples = voice_examples(table.loc[table["author"] == author, "text"], chosen.kind, voice)
        packed[author] = pack_examples(examples, language, chosen.block)
    return packed


def _join_articles(texts: pd.Series) -> list[Example]:
    texts = list(texts)
    return [Example("", " ".join(texts[at : at + _ARTICLE])) for at in range(0, len(texts), _ARTICLE)]
