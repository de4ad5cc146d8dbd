"""The whole path at tiny size: it ends in scored models, does nothing twice, and survives kill -9 at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from shrump.cli import main
from shrump.recipe import PROJECT
from shrump.workspace import sha256
from tests.conftest import TINY

QUICK = [f"models.{name}.{setting}" for name in ("gpt2", "flan_t5", "mistral") for setting in ("batch=32", "epochs=1")]
SETTINGS = [part for setting in [*TINY, *QUICK, "classifier.epochs=1"] for part in ("--set", setting)]
DAY = {"SOURCE_DATE_EPOCH": "1893456000"}


def command(workspace, *arguments):
    return [sys.executable, "-m", "shrump.cli", *arguments, "--workspace", str(workspace), *SETTINGS]


def run(workspace, *arguments, **options):
    done = subprocess.run(
        command(workspace, *arguments), capture_output=True, text=True, cwd=PROJECT, env=os.environ | DAY, **options
    )
    assert done.returncode == 0, done.stderr
    return done


def list_files(workspace):
    files = (file for file in workspace.rglob("*") if file.is_file() and file.name != ".lock")
    return {file.relative_to(workspace).as_posix(): sha256(file) for file in files}


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A workspace in which the whole path has run once, undisturbed, and what the command printed."""
    workspace = tmp_path_factory.mktemp("finished")
    return workspace, run(workspace, "run")


def test_a_run_leaves_every_promised_file(finished):
    workspace, _ = finished
    promised = ["Dataset/dataset.json", "performance_evaluation/results/scores.json"]
    promised += ["performance_evaluation/results/scores.md", "performance_evaluation/results/classifier.json"]
    promised += ["images/classifier_metrics.png", "images/performance_GPT2.png", "images/performance_FLAN_T5.png"]
    promised += ["images/performance_Mistral.png", "performance_evaluation/classifier/model.safetensors"]
    for split in ("train", "validation", "test"):
        promised += [f"Dataset/finetuning_dataset/{split}.csv", f"Dataset/integrated_dataset/I_{split}.csv"]
    for model in ("gpt2", "flan_t5", "mistral"):
        promised += [
            f"Interface/models/{model}_shrump/shrump.json",
            f"performance_evaluation/models_answers/{model}.json",
        ]
    assert not [file for file in promised if not (workspace / file).is_file()]
    assert not (workspace / ".scratch").exists() or not list((workspace / ".scratch").iterdir())
    assert not [file for file in list_files(workspace) if file.endswith((".bin", ".pt", ".part", ".old"))]


def test_it_ends_with_a_table_and_a_line_of_each_voice(finished):
    _, done = finished
    assert "fine" in done.stdout and "flan_t5" in done.stdout
    for voice in ("Shakespeare", "Trump", "Shrump"):
        assert f"\n  {voice} " in done.stderr
    assert "performance_GPT2.png" in done.stderr


def test_no_library_speaks_in_our_output(finished):
    _, done = finished
    assert not [line for line in done.stderr.splitlines() if "warn" in line.lower() or "deprecat" in line.lower()]


def test_every_prompt_is_answered_once_in_every_arm(finished):
    workspace, _ = finished
    content = json.loads((workspace / "performance_evaluation/models_answers/gpt2.json").read_text())
    keys = [(row["arm"], row["seed"], row["prompt_id"]) for row in content["answers"]]
    assert len(keys) == len(set(keys)) == 5 * 2 * 6
    assert {row["arm"] for row in content["answers"]} == {"base", "instructed", "finetuned", "shakespeare", "trump"}
    assert all(abs(sum(row["p"].values()) - 1) < 1e-4 for row in content["answers"])


def test_a_second_run_changes_nothing(finished):
    workspace, _ = finished
    before = list_files(workspace)
    done = run(workspace, "run")
    assert done.stderr.count("done before") == 12
    assert list_files(workspace) == before


def test_no_file_holds_a_path_of_this_machine(finished):
    workspace, _ = finished
    texts = [file for file in workspace.rglob("*.json") if file.is_file()]
    assert not [file for file in texts if str(workspace) in file.read_text() or str(PROJECT) in file.read_text()]


def test_killed_at_random_moments_it_ends_in_the_same_files(finished, tmp_path):
    undisturbed, _ = finished
    workspace, dice = tmp_path / "killed", random.Random(7)
    for _ in range(6):
        process = subprocess.Popen(
            command(workspace, "run", "--quiet"), cwd=PROJECT, env=os.environ | DAY, stdout=subprocess.DEVNULL
        )
        time.sleep(dice.uniform(3, 9))
        process.send_signal(signal.SIGKILL)
        process.wait()
    run(workspace, "run")
    assert list_files(workspace) == list_files(undisturbed)


def test_interrupted_it_says_how_to_go_on(tmp_path):
    process = subprocess.Popen(
        command(tmp_path, "run"), cwd=PROJECT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    time.sleep(4)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on from there" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("voice", ["shakespeare", "trump", "shrump", "base"])
def test_a_finished_model_writes_in_every_voice(finished, voice, capsys):
    workspace, _ = finished
    texts = []
    for _ in range(2):
        main(command(workspace, "generate", "Why?", "--model", "gpt2", "--voice", voice, "--json")[3:])
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert json.loads(texts[0])["voice"] == voice


def test_texts_are_classified_from_standard_input(finished):
    workspace, _ = finished
    done = run(workspace, "classify", "-", "--quiet", input="We will win, believe me!\nThou art my love.\n")
    header, *rows = done.stdout.splitlines()
    assert header == "text,author,p_shakespeare,p_trump,p_other"
    assert len(rows) == 2


def test_models_are_listed_with_what_they_are(finished, capsys):
    workspace, _ = finished
    main(command(workspace, "models", "--json")[3:])
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == [
        f"{model}_{kind}" for model in ("flan_t5", "gpt2", "mistral") for kind in ("base", "shrump")
    ]


def test_an_export_merges_adapters_and_writes_the_same(finished, tmp_path):
    import torch
    from transformers import AutoModelForCausalLM

    from shrump.models.checkpoint import load_checkpoint

    workspace, _ = finished
    main(command(workspace, "export", "mistral", "--to", str(tmp_path / "merged"))[3:])
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "merged", dtype=torch.float32)
    ours = load_checkpoint(workspace / "Interface/models/mistral_shrump").model
    tokens = torch.arange(5, 25)[None]
    with torch.inference_mode():
        apart = (merged(tokens).logits.softmax(-1) - ours(tokens).logits.softmax(-1)).abs().max()
    assert apart < 0.05  # 4-bit base and adapters against 16-bit merged weights
