"""The classifier tells its labels apart, keeps the report's promises, and loads as it was saved or not at all."""

import json
import shutil

import numpy as np
import pytest

from shrump.errors import ShrumpError
from shrump.evaluation.classifier import load_classifier, read_left_out
from shrump.evaluation.integrated import read_integrated
from shrump.evaluation.leaveout import leave_genres_out, part_genres
from shrump.recipe import load_recipe
from shrump.workspace import Workspace

LABELS = ["Shakespeare", "Trump", "Other"]


@pytest.fixture(scope="module")
def classifier(judged):
    return load_classifier(judged.classifier)


@pytest.fixture(scope="module")
def report(judged):
    return json.loads(judged.result("classifier.json").read_text(encoding="utf-8"))


def test_it_knows_its_labels(classifier):
    shares = classifier.probabilities(["thou art my love", "we will win so big", "the council said on monday"])
    assert classifier.labels == LABELS
    assert [classifier.label(row) for row in shares] == LABELS
    assert shares.sum(axis=1) == pytest.approx(np.ones(3))


def test_a_text_is_judged_alike_alone_and_in_a_crowd(classifier):
    texts = ["thou art", "we will win so big folks " * 9, "lol", "", "😀", "stir two cups of flour"]
    together = classifier.probabilities(texts)
    alone = np.concatenate([classifier.probabilities([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-4)
    assert classifier.probabilities([]).shape == (0, 3)


def test_a_long_text_is_read_to_its_end(classifier):
    start = "thou art my gentle lord and thy heart doth weep "
    shares = classifier.probabilities([start + "we will win so big folks it is great " * 400])
    assert shares[0, 1] > 0.9 * shares[0, :2].sum()


def test_the_report_holds_what_the_design_promises(report):
    promised = {"accuracy", "macro_f1", "news_only_macro_f1", "long_text_macro_f1", "ece", "cue_only_macro_f1"}
    assert promised | {"per_class", "confusion", "leave_one_genre_out", "reliability", "by_length"} <= set(report)
    assert set(report["per_class"]["Trump"]) == {"precision", "recall", "f1", "support"}
    assert report["macro_f1"]["low"] <= report["macro_f1"]["value"] <= report["macro_f1"]["high"]
    assert report["macro_f1"]["value"] > 0.8 and report["news_only_macro_f1"]["value"] > 0.9
    assert sum(sum(row.values()) for row in report["confusion"].values()) == report["n"]
    assert set(report["by_genre"]) == {"news", "recipes", "chat", "scrambled"}
    assert set(report["news_only_classifier"]["by_genre"]) == {"recipes", "chat", "scrambled"}


def test_each_genre_is_left_out_once_and_all_its_texts_are_judged(judged, report):
    left_out = report["leave_one_genre_out"]
    assert set(left_out) == {"news", "recipes", "chat", "scrambled"}
    assert left_out["chat"]["n"] == 30 + 15 + 15
    assert set(left_out["chat"]["false_attribution"]) == {"value", "low", "high"}
    assert judged.image("false_attribution").exists() and judged.image("classifier_metrics").exists()


def test_what_was_left_out_of_another_dataset_is_not_reported(judged, tmp_path):
    place = Workspace(tmp_path)
    shutil.copytree(judged.root, place.root, dirs_exist_ok=True)
    file = place.integrated_dataset("test")
    file.write_text(file.read_text(encoding="utf-8") + "one more text,Trump,\n", encoding="utf-8")
    assert read_left_out(judged) and not read_left_out(place)


def test_genres_are_parted(judged, tiny_classifier_recipe):
    table = read_integrated(tiny_classifier_recipe, judged)["train"]
    assert sorted(map(len, part_genres(table, 2, 7))) == [2, 2]
    assert sorted(map(len, part_genres(table, 99, 7))) == [1, 1, 1, 1]
    with pytest.raises(ShrumpError, match="one genre alone"):
        part_genres(table[table["genre"].isin(["", "news"])], 2, 7)
    with pytest.raises(ShrumpError, match="set classifier.leave_out"):
        leave_genres_out(load_recipe("sample", ["classifier.leave_out=0"]), judged)


@pytest.mark.parametrize("missing", ["shrump.json", "calibration.json", "tokenizer.json", "model.safetensors"])
def test_a_damaged_folder_is_refused(judged, tmp_path, missing):
    folder = tmp_path / "classifier"
    shutil.copytree(judged.classifier, folder)
    (folder / missing).unlink()
    with pytest.raises(ShrumpError, match=r"classifier"):
        load_classifier(folder)


def test_no_classifier_and_no_dataset_are_named(tmp_path, tiny_classifier_recipe):
    with pytest.raises(ShrumpError, match="make it with shrump classifier"):
        load_classifier(tmp_path / "none")
    with pytest.raises(ShrumpError, match="I_train.csv is missing: make it with shrump data"):
        read_integrated(tiny_classifier_recipe, Workspace(tmp_path))


def test_long_texts_are_cut_where_sentences_end(classifier):
    sentence = "we will win so big folks."
    one, many = classifier.logits([" ".join([sentence] * 2), " ".join([sentence] * 40)])
    assert many == pytest.approx(one, abs=1e-4)  # twenty pieces of two sentences each
    assert classifier.words < 18
