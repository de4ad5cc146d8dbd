"""Shares, intervals and tests with known values, and scores that need no model and never change."""

import json
import os
import random
import subprocess
import sys

import numpy as np
import pytest

from shrump.errors import ShrumpError
from shrump.evaluation.comparing import compare_paired, correct_holm, newcombe
from shrump.evaluation.intervals import bootstrap_interval, effective_size, mean_interval, share_interval
from shrump.evaluation.scoring import score
from shrump.evaluation.tables import table_rows
from shrump.recipe import PROJECT
from shrump.workspace import Workspace, write_json

LABELS = ["Shakespeare", "Trump", "Other"]
WITHOUT_TORCH = """
import sys

class Refusal:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "transformers"):
            raise ImportError(f"scoring imports {name}")

sys.meta_path.insert(0, Refusal())
from pathlib import Path
import shrump.evaluation.plots, shrump.evaluation.quality
from shrump.evaluation.scoring import score
from shrump.recipe import load_recipe
from shrump.workspace import Workspace

score(load_recipe("sample"), Workspace(Path(sys.argv[1])), ["gpt2"])
"""


@pytest.fixture
def place(tmp_path):
    return Workspace(tmp_path)


def compose_answers(prompts=30, seeds=(1, 2), odds=None):
    """Answers of three arms whose labels are drawn with the given odds."""
    odds = odds or {"base": (0.05, 0.15, 0.8), "instructed": (0.1, 0.2, 0.7), "finetuned": (0.45, 0.45, 0.1)}
    dice = random.Random(5)
    return [
        {
            "prompt_id": prompt,
            "subject": "botany",
            "prompt": "Why?",
            "arm": arm,
            "voice": arm,
            "dial": None,
            "seed": seed,
            "text": " ".join(dice.choices(["thou", "great", "council", "win", "love"], k=9)),
            "tokens": 9,
            "ended": dice.random() < 0.9,
            "p": {},
            "label": dice.choices(LABELS, share)[0],
            "perplexity": None,
            "copied_8grams": 0.0,
            "longest_copy": 2,
        }
        for arm, share in odds.items()
        for seed in seeds
        for prompt in range(1, prompts + 1)
    ]


def write_answers(recipe, place, name="gpt2", answers=None):
    answers = compose_answers() if answers is None else answers
    write_json(place.answers(name), "answers", recipe, {}, {"labels": LABELS, "model": name, "answers": answers})


def read_scores(place):
    return json.loads(place.result("scores.json").read_text(encoding="utf-8"))


def test_one_answer_a_prompt_gives_the_plain_wilson_interval():
    # Newcombe 1998, two-sided intervals for the single proportion, table I: 81 of 263
    found = share_interval([True] * 81 + [False] * 182, range(263))
    assert found == {"value": 0.308, "low": 0.2553, "high": 0.3662}


def test_answers_to_one_prompt_that_agree_count_once():
    alike = share_interval(np.repeat([True, False, False, True, False], 3), np.repeat(range(5), 3))
    assert alike == share_interval([True, False, False, True, False], range(5))
    assert effective_size(np.ones(30), np.repeat(range(10), 3)) == 10
    assert effective_size(np.tile([1.0, 0, 0], 10), np.repeat(range(10), 3)) == 30


def test_intervals_at_the_ends_keep_their_width():
    assert share_interval([False] * 30, np.repeat(range(10), 3)) == {"value": 0.0, "low": 0.0, "high": 0.2775}
    assert newcombe(np.ones(10), np.zeros(10)) == {"value": 1.0, "low": 0.6075, "high": 1.0}


def test_newcombes_interval_for_paired_shares():
    # Newcombe 1998, paired data, table III: a, b, c, d = 36, 12, 2, 0 gives .2 (.0569, .3404) by method 10;
    # method 8, without its correction of phi, is a little narrower or the same
    arm = np.r_[np.ones(36), np.ones(12), np.zeros(2)]
    against = np.r_[np.ones(36), np.zeros(12), np.ones(2)]
    found = newcombe(arm, against)
    assert found["value"] == 0.2
    assert found["low"] == pytest.approx(0.0569, abs=0.01) and found["high"] == pytest.approx(0.3404, abs=0.01)


def test_mcnemar_for_one_seed():
    # 8 against 1 discordant pairs: the exact p is twice the binomial tail, 2 * (1 + 9) / 512
    arm = np.r_[np.ones(8), np.zeros(1), np.ones(11)][:, None]
    against = np.r_[np.zeros(8), np.ones(1), np.ones(11)][:, None]
    found = compare_paired(arm, against, 7)
    assert found["test"] == "McNemar, exact" and found["p"] == pytest.approx(20 / 512, rel=1e-3)
    assert found["effect"]["value"] == 0.35


def test_permutation_for_several_seeds_is_exact_where_prompts_are_few():
    # six prompts, all moved up: of the 64 ways to swap arms, two are as far out
    found = compare_paired(np.ones((6, 3)), np.tile([1.0, 0, 0], (6, 1)), 7)
    assert found["p"] == pytest.approx(2 / 64, rel=1e-3)
    assert found["interval"] == "Newcombe"  # all differences alike: nothing to resample
    mixed = compare_paired(np.ones((6, 2)), np.tile([[1.0, 0], [0, 0]], (3, 1)), 7)
    assert mixed["interval"] == "bootstrap over prompts" and mixed["effect"]["value"] == 0.75
    assert mixed["cohens_h"] == pytest.approx(2 * np.pi / 3, abs=1e-3)  # from a quarter to all


def test_the_same_outcomes_are_no_difference():
    same = np.tile([[1.0, 0]], (9, 1))
    assert compare_paired(same, same, 7)["p"] == 1


def test_holm():
    assert correct_holm([0.01, 0.04, 0.03]) == [0.03, 0.06, 0.06]
    assert correct_holm([]) == []


def test_bootstrap_draws_whole_clusters():
    values, clusters = np.repeat([0.0, 1.0] * 20, 3), np.repeat(range(40), 3)
    wide, narrow = mean_interval(values, clusters, 7), mean_interval(values, range(120), 7)
    assert wide["high"] - wide["low"] > 1.5 * (narrow["high"] - narrow["low"])
    assert wide == mean_interval(values, clusters, 7)
    by_rows = bootstrap_interval(values.reshape(40, 3), np.mean, 7)
    assert by_rows == pytest.approx(wide, abs=0.02)


def test_scores_hold_what_the_design_promises(tiny, place):
    write_answers(tiny, place)
    score(tiny, place, ["gpt2"])
    content = read_scores(place)
    arm = content["models"]["gpt2"]["arms"]["finetuned"]
    assert arm["n"] == 60 and set(arm["share"]) == set(LABELS)
    assert sum(share["value"] for share in arm["share"].values()) == pytest.approx(1, abs=1e-3)
    assert arm["authors"]["value"] == pytest.approx(1 - arm["share"]["Other"]["value"], abs=1e-3)
    quality = {"perplexity", "self_bleu", "repetition", "tokens", "copied_8grams", "longest_copy"}
    assert quality | {"distinct_1", "distinct_2", "distinct_3"} == set(arm["quality"])
    first = content["models"]["gpt2"]["comparisons"][0]
    assert {"arm", "against", "outcome", "test", "effect", "p", "p_holm"} <= set(first)
    tuned = [each for each in content["models"]["gpt2"]["comparisons"] if each["arm"] == "finetuned"]
    assert [each["outcome"] for each in tuned] == ["authors", "Shakespeare", "Trump"]
    assert tuned[0]["p_holm"] < 0.01 < first["p_holm"]
    assert place.image("performance_GPT2").stat().st_size > 10_000
    header, rows = table_rows(content)
    assert len(rows) == 3 and all(len(row) == len(header) for row in rows)
    assert "| gpt2 | finetuned | 60 |" in place.result("scores.md").read_text(encoding="utf-8")


def test_holm_is_over_all_models_and_an_overview_is_drawn(tiny, place):
    for name in ("gpt2", "flan_t5"):
        write_answers(tiny, place, name)
    score(tiny, place, ["gpt2", "flan_t5"])
    every = [each for model in read_scores(place)["models"].values() for each in model["comparisons"]]
    assert [each["p_holm"] for each in every] == correct_holm([each["p"] for each in every])
    assert place.image("performance_overview").exists() and place.image("performance_FLAN_T5").exists()


@pytest.mark.parametrize("text", ["", "😀😀", "the same answer"])
def test_odd_answers_are_scored(tiny, place, text):
    write_answers(tiny, place, answers=[row | {"text": text, "label": "Other"} for row in compose_answers()])
    score(tiny, place, ["gpt2"])
    scored = read_scores(place)["models"]["gpt2"]
    assert scored["arms"]["base"]["empty"]["value"] == float(text == "")
    assert {each["p"] for each in scored["comparisons"]} == {1.0}


def test_damaged_answers_are_refused(tiny, place):
    with pytest.raises(ShrumpError, match="no answers to score"):
        score(tiny, place, [])
    answers = compose_answers()
    for spoilt, message in (
        ([], "holds no answers"),
        ([{key: value for key, value in answers[0].items() if key != "label"}], "answer 1 lacks label"),
        ([answers[0], answers[0]], "arm base answers prompt 1 twice with seed 1"),
    ):
        write_answers(tiny, place, answers=spoilt)
        with pytest.raises(ShrumpError, match=message):
            score(tiny, place, ["gpt2"])


def test_scoring_needs_no_torch_and_gives_the_same_bytes(tiny, place):
    write_answers(tiny, place)
    written = []
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", WITHOUT_TORCH, str(place.root)],
            capture_output=True,
            text=True,
            cwd=PROJECT,
            env=os.environ | {"SOURCE_DATE_EPOCH": "0"},
        )
        assert run.returncode == 0, run.stderr
        files = [place.result("scores.json"), place.result("scores.md"), place.image("performance_GPT2")]
        written.append([file.read_bytes() for file in files])
    assert written[0] == written[1]
