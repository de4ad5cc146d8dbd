"""The author classifier: who a text sounds like, or Other, with probabilities that mean what they say."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from shrump.dataset.cleaning import neutralise_cues
from shrump.errors import ShrumpError
from shrump.evaluation.calibration import Calibration, fit_calibration
from shrump.evaluation.classifier_plots import draw_classifier
from shrump.evaluation.fitting import fit
from shrump.evaluation.integrated import hash_integrated, read_integrated
from shrump.evaluation.report import report_classifier, report_news_only
from shrump.evaluation.variants import encode_labels, only_genre
from shrump.evaluation.windows import piecewise_logits
from shrump.models.loading import from_pretrained, load_tokenizer, pick_device
from shrump.recipe import Recipe
from shrump.workspace import Workspace, read_json, replacing, write_json, write_text

ABOUT, CALIBRATION = "shrump.json", "calibration.json"
_REMEDY = "make it again with shrump classifier"


@dataclass
class Classifier:
    """A trained classifier; ``labels`` are the authors and, last, Other.

    Texts of more than ``words`` words, or ``window`` tokens, are judged in pieces.
    """

    model: object
    tokenizer: object
    calibration: Calibration
    words: int
    window: int
    neutral_cues: bool = False

    @property
    def labels(self) -> list[str]:
        names = self.model.config.id2label
        return [names[code] for code in range(len(names))]

    def logits(self, texts: Sequence[str]) -> np.ndarray:
        """Raw outputs [texts, labels]; texts of any length, in any order."""
        if self.neutral_cues:
            texts = [neutralise_cues(text) for text in texts]
        return piecewise_logits(self.model, self.tokenizer, texts, self.words, self.window)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Calibrated probabilities [texts, labels]; what is like nothing seen in training goes to Other."""
        return self.calibration.probabilities(self.logits(texts), self.labels)

    def label(self, probabilities: np.ndarray) -> str:
        """The most probable label of one row of `probabilities`."""
        return self.labels[int(np.argmax(probabilities))]


def load_classifier(folder: Path) -> Classifier:
    """Load a classifier that `train_classifier` saved; `ShrumpError` names what is missing."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ShrumpError(f"there is no classifier in {folder}: make it with shrump classifier")
    read_json(folder / ABOUT, "classifier-model", _REMEDY)
    try:
        settings = json.loads((folder / CALIBRATION).read_text(encoding="utf-8"))
        calibration = Calibration(**settings["calibration"])
        reading = {key: int(settings[key]) for key in ("words", "window")}
        reading["neutral_cues"] = bool(settings["neutral_cues"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ShrumpError(f"{folder / CALIBRATION} cannot be used ({error}): {_REMEDY}") from None
    return _open(folder, load_tokenizer(folder), calibration, **reading)


def make_classifier(
    recipe: Recipe, training: pd.DataFrame, validation: pd.DataFrame, scratch: Path, what: str
) -> tuple[Classifier, Path]:
    """Train and calibrate a classifier on tables with columns text and author; also the folder of its weights."""
    hide = recipe.classifier.neutral_cues
    seen = [
        table.assign(text=table["text"].map(neutralise_cues)) if hide else table for table in (training, validation)
    ]
    fitted = fit(recipe, *seen, scratch, what)
    reading = {"words": fitted.words, "window": recipe.classifier.window, "neutral_cues": hide}
    classifier = _open(fitted.folder, fitted.tokenizer, Calibration(1.0, {}), **reading)
    truth = encode_labels(validation["author"], recipe.labels)
    classifier.calibration = fit_calibration(classifier.logits(validation["text"].tolist()), truth, recipe.labels)
    return classifier, fitted.folder


def train_classifier(recipe: Recipe, workspace: Workspace) -> None:
    """Train the classifier on the integrated dataset, keep it, and write its report and figure.

    The figures of `shrump.evaluation.leaveout`, where they were measured on the same dataset, join the report.
    """
    tables = read_integrated(recipe, workspace)
    scratch = workspace.scratch("classifier")
    classifier, weights = make_classifier(recipe, tables["train"], tables["validation"], scratch / "main", "classifier")
    report = report_classifier(recipe, classifier, tables)
    report["news_only_classifier"] = report_news_only(recipe, _make_news_only(recipe, tables, scratch / "news"), tables)
    report["leave_one_genre_out"] = read_left_out(workspace)
    inputs = hash_integrated(workspace)
    _save(recipe, workspace.classifier, classifier, weights, inputs)
    draw_classifier(report, recipe.labels, workspace.image("classifier_metrics"))
    write_json(workspace.result("classifier.json"), "classifier", recipe, inputs, report)


def _make_news_only(recipe: Recipe, tables: dict[str, pd.DataFrame], scratch: Path) -> Classifier:
    """The classifier of the original study: no Other but news, and nothing that makes it doubt."""
    seen = [only_genre(tables[split], recipe.dataset.neutral) for split in ("train", "validation")]
    classifier, _ = make_classifier(recipe, *seen, scratch, "classifier, news only")
    classifier.calibration = replace(classifier.calibration, familiar={})
    return classifier


def read_left_out(workspace: Workspace) -> dict:
    """False attribution by genre left out, where it was measured on today's dataset; else nothing."""
    file = workspace.result("leave_one_genre_out.json")
    if not file.exists():
        return {}
    content = read_json(file, "leave-one-genre-out", "remove it")
    return content["genres"] if content["inputs"] == hash_integrated(workspace) else {}


def _open(folder: Path, tokenizer, calibration: Calibration, **reading) -> Classifier:
    import torch
    from transformers import AutoModelForSequenceClassification

    model = from_pretrained(AutoModelForSequenceClassification, folder, dtype=torch.float32)
    model.to(pick_device()).eval()
    return Classifier(model, tokenizer, calibration, **reading)


def _save(recipe: Recipe, folder: Path, classifier: Classifier, weights: Path, inputs: dict[str, str]) -> None:
    settings = {
        "calibration": classifier.calibration.as_dict(),
        "words": classifier.words,
        "window": classifier.window,
        "neutral_cues": classifier.neutral_cues,
    }
    about = {"labels": classifier.labels, "base": Path(recipe.classifier.base).name, "epochs": recipe.classifier.epochs}
    with replacing(folder) as temporary:
        shutil.copytree(weights, temporary)
        classifier.tokenizer.save_pretrained(temporary)
        write_text(temporary / CALIBRATION, json.dumps(settings, indent=2) + "\n")
        write_json(temporary / ABOUT, "classifier-model", recipe, inputs, about)
