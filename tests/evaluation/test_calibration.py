"""Temperature, thresholds, calibration error and F1, with values worked out by hand."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import f1_score

from shrump.evaluation.calibration import Calibration, expected_calibration_error, fit_calibration, reliability
from shrump.evaluation.intervals import f1_intervals, f1_scores

LABELS = ["Shakespeare", "Trump", "Other"]


def test_the_temperature_that_made_the_labels_is_found():
    dice = np.random.default_rng(1)
    logits = dice.normal(size=(4000, 3)) * 2
    truth = np.array([dice.choice(3, p=row) for row in softmax(logits / 2.5, axis=1)])
    fitted = fit_calibration(logits, truth, LABELS)
    assert fitted.temperature == pytest.approx(2.5, rel=0.1)
    assert expected_calibration_error(fitted.probabilities(logits, LABELS), truth) < 0.04


def test_what_is_unfamiliar_goes_to_other():
    calibration = Calibration(1.0, {"Shakespeare": 3.0, "Trump": 3.0}, unfamiliar=0.02)
    logits = np.array([[5.0, 0, 0], [1.0, 0.5, 0], [0, 0, 0.5]])  # sure; faint; faint, but Other already
    assert calibration.is_unfamiliar(logits, LABELS).tolist() == [False, True, False]
    shares = calibration.probabilities(logits, LABELS)
    assert shares.argmax(axis=1).tolist() == [0, 2, 2]
    assert shares[1, :2].sum() == pytest.approx(0.02) and shares[1, 0] > shares[1, 1]
    assert shares.sum(axis=1) == pytest.approx(np.ones(3))


def test_thresholds_let_every_validation_text_pass():
    logits = np.zeros((21, 3))
    logits[:, 0] = np.linspace(5, 25, 21)
    fitted = fit_calibration(logits, np.zeros(21, dtype=int), LABELS)
    assert not fitted.is_unfamiliar(logits, LABELS).any()
    assert fitted.is_unfamiliar(logits - [0.1, 0.1, 0.1], LABELS).tolist() == [True] + [False] * 20
    assert "Trump" not in fitted.familiar  # no text to learn it from: no threshold


def test_calibration_error():
    shares = np.array([[0.9, 0.1, 0]] * 10 + [[0.6, 0.4, 0]] * 10)
    truth = np.array([0] * 9 + [1] + [0] * 3 + [1] * 7)  # right 9 of 10 at .9, 3 of 10 at .6
    assert expected_calibration_error(shares, truth) == pytest.approx(0.15)
    assert [(each["n"], each["accuracy"]) for each in reliability(shares, truth)] == [(10, 0.3), (10, 0.9)]


def test_f1_is_scikit_learns():
    dice = np.random.default_rng(2)
    truth, said = dice.integers(0, 3, 200), dice.integers(0, 3, 200)
    table = np.array([[np.sum((truth == a) & (said == b)) for b in range(3)] for a in range(3)])
    assert f1_scores(table) == pytest.approx(f1_score(truth, said, average=None))
    macro, each = f1_intervals(table, 7)
    assert macro["low"] < macro["value"] < macro["high"] and len(each) == 3


def test_no_mistake_in_few_texts_is_no_certainty():
    macro, _ = f1_intervals(np.diag([20, 20, 20]), 7)
    assert macro["value"] == macro["high"] == 1 and 0.9 < macro["low"] < 0.99
