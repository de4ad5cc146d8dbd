"""From a classifier's logits to probabilities that mean what they say, and to Other for what is unfamiliar."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, logsumexp, softmax

UNFAMILIAR = 0.01  # what is left to the authors of a text below the threshold
_BINS = 15


@dataclass(frozen=True)
class Calibration:
    """What was learnt on validation texts.

    ``temperature`` divides the logits (Guo et al. 2017, arXiv:1706.04599). ``familiar[label]`` is the
    energy score, the log of the sum of the exponentials of the logits (Liu et al. 2020, arXiv:2010.03759), that
    every text of that author had which was rightly given to it; with less a text looks like nothing seen before.
    """

    temperature: float
    familiar: dict[str, float]
    unfamiliar: float = UNFAMILIAR

    def probabilities(self, logits: np.ndarray, labels: Sequence[str]) -> np.ndarray:
        """Probabilities [texts, labels] from logits [texts, labels]; Other is the last label.

        A text below its author's threshold goes to Other: the authors keep ``unfamiliar`` between them.
        """
        shares = softmax(logits / self.temperature, axis=1)
        strange = self.is_unfamiliar(logits, labels)
        authors = shares[strange, :-1]
        shares[strange, :-1] = authors / authors.sum(axis=1, keepdims=True) * self.unfamiliar
        shares[strange, -1] = 1 - self.unfamiliar
        return shares

    def is_unfamiliar(self, logits: np.ndarray, labels: Sequence[str]) -> np.ndarray:
        """Whether each text would be an author's but for its energy."""
        least = np.array([self.familiar.get(label, -np.inf) for label in labels])
        return logsumexp(logits, axis=1) < least[logits.argmax(axis=1)]

    def as_dict(self) -> dict:
        return asdict(self)


def fit_calibration(logits: np.ndarray, truth: np.ndarray, labels: Sequence[str]) -> Calibration:
    """Learn temperature and thresholds from validation ``logits`` [texts, labels] and their true label codes."""

    def loss(log_temperature: float) -> float:
        return -log_softmax(logits / np.exp(log_temperature), axis=1)[np.arange(len(truth)), truth].mean()

    temperature = float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))
    energy, said = logsumexp(logits, axis=1), logits.argmax(axis=1)
    familiar = {}
    for code, label in enumerate(labels[:-1]):
        right = energy[(truth == code) & (said == code)]
        if len(right):
            familiar[label] = float(right.min())
    return Calibration(temperature, familiar)


def reliability(shares: np.ndarray, truth: np.ndarray) -> list[dict]:
    """How often the label is right where the classifier is this sure, in 15 equal bins of its confidence."""
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == truth
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    return [
        {
            "from": round(number / _BINS, 4),
            "to": round((number + 1) / _BINS, 4),
            "n": int((bins == number).sum()),
            "confidence": round(float(confidence[bins == number].mean()), 4),
            "accuracy": round(float(right[bins == number].mean()), 4),
        }
        for number in range(_BINS)
        if (bins == number).any()
    ]


def expected_calibration_error(shares: np.ndarray, truth: np.ndarray) -> float:
    """ECE: the mean gap between confidence and accuracy over the bins of `reliability`, weighted by texts."""
    bins = reliability(shares, truth)
    return sum(each["n"] * abs(each["confidence"] - each["accuracy"]) for each in bins) / len(truth)
