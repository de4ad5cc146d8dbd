"""Fine-tuning a language model on the authors: one way for every model."""

from functools import partial
from pathlib import Path

import pandas as pd

from shrump import processes
from shrump.errors import ShrumpError
from shrump.finetuning.measuring import mean_loss, perplexity
from shrump.finetuning.packing import Rows, collate, make_rows
from shrump.finetuning.training import History, Settings, set_seed, train
from shrump.finetuning.voices import BASE, make_examples, voice_examples, voices_of
from shrump.models.adapters import add_adapters
from shrump.models.checkpoint import save_checkpoint
from shrump.models.loading import LanguageModel, load_base
from shrump.recipe import MINIATURE, ModelRecipe, Recipe
from shrump.workspace import Workspace, sha256


def finetune(recipe: Recipe, workspace: Workspace, name: str) -> None:
    """Fine-tune model ``name`` on the balanced dataset, and keep its best epoch in ``Interface/models``.

    Raises `ShrumpError` when the base cannot be loaded or the loss is lost.
    """
    chosen = recipe.models[name]
    base = workspace.base(name) if chosen.base == MINIATURE else chosen.base
    named = base.name if chosen.base == MINIATURE else chosen.base
    language = load_base(base, chosen.base_revision, chosen.kind, chosen.quantization)
    files = [workspace.finetuning_dataset(split) for split in ("train", "validation")]
    rows = _make_training_rows(read_table(files[0]), recipe, chosen, language)
    held_out = _make_validation_rows(read_table(files[1]), recipe, chosen, language)
    language.model.eval()
    before = {author: mean_loss(language.model, texts, language.pad) for author, texts in held_out.items()}
    if chosen.lora:
        set_seed(recipe.seed)
        language = add_adapters(language, chosen.lora, named)
    settings = Settings(
        epochs=chosen.epochs,
        learning_rate=chosen.learning_rate,
        batch=chosen.batch,
        seed=recipe.seed,
        warmup=chosen.warmup,
        by_length=chosen.kind == "seq2seq",
        key=f"models.{name}.learning_rate",
    )
    scratch = workspace.scratch(f"finetune {name}")
    best, history = train_language(language, rows, held_out, settings, scratch, f"fine-tuning {name}")
    about = {
        **describe_training(name, chosen, named, files[0], rows, history),
        "voices": voices_of(recipe.authors, chosen.voices),
        "authors": recipe.authors,
        "validation": _compare(before, history, held_out),
    }
    inputs = {workspace.relative(file): sha256(file) for file in files}
    if processes.IS_MAIN:
        save_checkpoint(workspace.checkpoint(name), best, language.tokenizer, recipe, inputs, about)


def train_language(
    language: LanguageModel, rows: Rows, held_out: dict[str, Rows], settings: Settings, scratch: Path, what: str
) -> tuple[Path, History]:
    """Train a language model, keeping the epoch with the lowest mean of the losses on ``held_out``."""

    def measure(model) -> dict[str, float]:
        losses = {name: mean_loss(model, texts, language.pad) for name, texts in held_out.items()}
        return {"loss": sum(losses.values()) / len(losses), **losses}

    return train(language.model, rows, partial(collate, pad=language.pad), measure, settings, scratch, what)


def describe_training(
    name: str, chosen: ModelRecipe, base: str, dataset: Path, rows: Rows, history: History
) -> dict[str, object]:
    """What every ``shrump.json`` says about how its weights came to be."""
    return {
        "model": name,
        "kind": chosen.kind,
        "base": base,
        "base_revision": chosen.base_revision,
        "quantization": chosen.quantization,
        "lora": vars(chosen.lora) if chosen.lora else None,
        "dataset_sha256": sha256(dataset),
        "trained_tokens": rows.trained_tokens * len(history.epochs),
        "epochs": len(history.epochs),
        "history": history.epochs,
    }


def read_table(file: Path) -> pd.DataFrame:
    """Read a dataset that `shrump data` wrote; `ShrumpError` where it is missing."""
    try:
        return pd.read_csv(file, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise ShrumpError(f"{file} is missing: make it with shrump data") from None


def _make_training_rows(table: pd.DataFrame, recipe: Recipe, chosen: ModelRecipe, language: LanguageModel) -> Rows:
    if chosen.share < 1:
        table = table.sample(frac=chosen.share, random_state=recipe.seed)
    pairs = table[["text", "author"]].itertuples(index=False, name=None)
    examples = make_examples(pairs, chosen.kind, chosen.voices, chosen.neutral_share, recipe.seed)
    return make_rows(examples, language, chosen.block)


def _make_validation_rows(
    table: pd.DataFrame, recipe: Recipe, chosen: ModelRecipe, language: LanguageModel
) -> dict[str, Rows]:
    """The validation texts of each author, in the author's own voice."""
    rows = {}
    for author in recipe.authors:
        voice = author if chosen.voices else BASE
        examples = voice_examples(table.loc[table["author"] == author, "text"], chosen.kind, voice)
        rows[author] = make_rows(examples, language, chosen.block)
    return rows


def _compare(before: dict[str, float], history: History, held_out: dict[str, Rows]) -> dict[str, dict[str, float]]:
    """Per author, the perplexity of the base and of the fine-tuned model on the same tokens."""
    return {
        author: {
            "base_perplexity": perplexity(before[author]),
            "perplexity": perplexity(history.best[author]),
            "tokens": texts.trained_tokens,
        }
        for author, texts in held_out.items()
    }
