"""Training the author classifier: a base with one output for each label, on a table of labelled texts."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import log_softmax

from shrump.dataset.cutting import count_words
from shrump.evaluation.variants import balance_labels, encode_labels
from shrump.evaluation.windows import pad_rows, piecewise_logits
from shrump.finetuning.training import Settings, set_seed, train
from shrump.models.loading import from_pretrained, load_tokenizer
from shrump.models.miniature import build_classifier, train_tokenizer
from shrump.recipe import MINIATURE, Recipe


@dataclass(frozen=True)
class Fitted:
    """The best epoch's weights in ``folder``, their tokenizer, and the ``words`` of the longest training text."""

    folder: Path
    tokenizer: object
    words: int


def fit(recipe: Recipe, training: pd.DataFrame, validation: pd.DataFrame, scratch: Path, what: str) -> Fitted:
    """Train a classifier on ``training`` (columns text, author) and keep the epoch that is best on ``validation``.

    Labels weigh the same: rows of the rarer ones are repeated. Like all trainings it goes on from
    ``scratch`` after a stop.
    """
    chosen, labels = recipe.classifier, recipe.labels
    set_seed(recipe.seed)
    model, tokenizer = _load(recipe, training["text"])
    rows = _make_rows(balance_labels(training, recipe.seed), tokenizer, labels, chosen.window)
    words = int(training["text"].map(count_words).max())
    texts, truth = validation["text"].tolist(), encode_labels(validation["author"], labels)

    def measure(trained) -> dict[str, float]:
        logits = piecewise_logits(trained, tokenizer, texts, words, chosen.window)
        losses = -log_softmax(logits, axis=1)[np.arange(len(truth)), truth]
        return {"loss": float(np.mean([losses[truth == code].mean() for code in np.unique(truth)]))}

    settings = Settings(
        epochs=chosen.epochs,
        learning_rate=chosen.learning_rate,
        batch=chosen.batch,
        seed=recipe.seed,
        warmup=0.1,
        by_length=True,
        key="classifier.learning_rate",
    )

    def collate(batch: list[dict]) -> dict:
        import torch

        labels = torch.tensor([row["labels"][0] for row in batch])
        return pad_rows([row["input_ids"] for row in batch], tokenizer.pad_token_id) | {"labels": labels}

    best, _ = train(model, rows, collate, measure, settings, scratch, what)
    return Fitted(best, tokenizer, words)


def _load(recipe: Recipe, texts: pd.Series) -> tuple:
    """A model with a fresh output for each label, and its tokenizer."""
    from transformers import AutoModelForSequenceClassification

    chosen, labels = recipe.classifier, recipe.labels
    if chosen.base == MINIATURE:
        tokenizer = train_tokenizer(texts, chosen.miniature)
        return build_classifier(chosen.miniature, tokenizer, labels, chosen.window), tokenizer
    tokenizer = load_tokenizer(chosen.base, chosen.base_revision)
    names = {"id2label": dict(enumerate(labels)), "label2id": {label: code for code, label in enumerate(labels)}}
    model = from_pretrained(AutoModelForSequenceClassification, chosen.base, chosen.base_revision, **names)
    return model, tokenizer


def _make_rows(table: pd.DataFrame, tokenizer, labels: list[str], window: int) -> list[dict]:
    """Rows for the trainer; a training text is cut at the window's end."""
    ids = tokenizer(table["text"].tolist(), truncation=True, max_length=window)["input_ids"]
    codes = encode_labels(table["author"], labels)
    return [{"input_ids": row, "labels": [int(code)]} for row, code in zip(ids, codes, strict=True)]
