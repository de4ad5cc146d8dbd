"""Every family learns, keeps its checkpoint whole, and ends with the same bits however often it is stopped."""

import json
import shutil
import signal

import pytest
import torch

from shrump.errors import ShrumpError
from shrump.finetuning.finetune import finetune
from shrump.finetuning.pretrain import pretrain
from shrump.finetuning.training import _Keeper, find_whole_checkpoint
from shrump.generation.sampler import Decoding, write
from shrump.models.checkpoint import load_checkpoint, load_unadapted, read_about
from shrump.recipe import load_recipe
from shrump.workspace import sha256
from tests.conftest import TINY

FAMILIES = ["gpt2", "flan_t5", "mistral"]


def make(recipe, workspace, name):
    pretrain(recipe, workspace, name)
    finetune(recipe, workspace, name)
    return workspace.checkpoint(name)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_fine_tuned_model_beats_its_base_on_both_authors(tiny, workspace, name):
    about = read_about(make(tiny, workspace, name))
    for author in ("Shakespeare", "Trump"):
        assert about["validation"][author]["perplexity"] < about["validation"][author]["base_perplexity"]
    assert about["trained_tokens"] > 0
    assert about["voices"] == {"shakespeare": "Shakespeare", "trump": "Trump", "shrump": "Shrump"}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_stopped_training_ends_with_the_same_bits(tiny, workspace, name, monkeypatch):
    undisturbed = sha256(make(tiny, workspace, name))
    for folder in (workspace.scratch(f"finetune {name}"), workspace.scratch(f"base {name}")):
        for left in sorted(folder.rglob("*"), reverse=True):
            left.rmdir() if left.is_dir() else left.unlink()
    original, steps = _Keeper.on_save, []

    def stop_at_third_save(self, args, state, control, **kwargs):
        steps.append(state.global_step)
        if len(steps) == 3:  # the checkpoint stands, but is not sealed
            raise KeyboardInterrupt
        return original(self, args, state, control, **kwargs)

    monkeypatch.setattr(_Keeper, "on_save", stop_at_third_save)
    with pytest.raises(KeyboardInterrupt):
        finetune(tiny, workspace, name)
    finetune(tiny, workspace, name)
    assert len(set(steps)) < len(steps), "the unsealed checkpoint was made again"
    assert sha256(workspace.checkpoint(name)) == undisturbed


def test_a_half_written_checkpoint_is_passed_over(tmp_path):
    for step in (5, 10):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "weights").write_text("whole")
        (folder / "complete.json").write_text(json.dumps({"weights": sha256(folder / "weights")}))
    (tmp_path / "checkpoint-10" / "weights").write_text("hal")
    assert find_whole_checkpoint(tmp_path) == tmp_path / "checkpoint-5"
    assert not (tmp_path / "checkpoint-10").exists()


def test_a_lost_loss_names_the_key_to_lower(workspace):
    recipe = load_recipe("sample", [*TINY, "models.gpt2.learning_rate=1e30"])
    pretrain(recipe, workspace, "gpt2")
    with pytest.raises(ShrumpError, match="loss is nan at step .*: set a lower models.gpt2.learning_rate"):
        finetune(recipe, workspace, "gpt2")
    assert not workspace.checkpoint("gpt2").exists()


def test_qlora_holds_the_base_in_four_bits_and_saves_the_adapter_alone(tiny, workspace):
    from bitsandbytes.nn import Linear4bit

    folder = make(tiny, workspace, "mistral")
    assert {file.name for file in folder.glob("*.safetensors")} == {"adapter_model.safetensors"}
    loaded = load_checkpoint(folder)
    layers = [layer for layer in loaded.model.modules() if isinstance(layer, Linear4bit)]
    assert len(layers) == 7  # query, key, value, output, gate, up, down
    assert {layer.weight.quant_type for layer in layers} == {"nf4"}
    assert all(layer.weight.quant_state.nested for layer in layers), "doubly quantised"
    adapter = json.loads((folder / "adapter_config.json").read_text())
    assert adapter["base_model_name_or_path"] == "mistral_base"


@pytest.mark.parametrize("name", FAMILIES)
def test_a_checkpoint_writes_the_same_text_for_the_same_seed(tiny, workspace, name):
    folder = make(tiny, workspace, name)
    texts = [write(load_checkpoint(folder), ["Trump:"] * 3, Decoding(tokens=8), seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert write(load_unadapted(folder), ["Trump:"] * 3, Decoding(tokens=8), 1) != texts[0]


def test_a_prompt_longer_than_the_context_loses_its_beginning(tiny, workspace):
    language = load_checkpoint(make(tiny, workspace, "gpt2"))
    decoding = Decoding(tokens=8)
    long, tail = "win " * 500, "win " * 300
    assert write(language, [f"{long}\nTrump:"], decoding, 1) == write(language, [f"{tail}\nTrump:"], decoding, 1)


def test_every_tensor_is_a_number(tiny, workspace):
    model = load_checkpoint(make(tiny, workspace, "gpt2")).model
    assert all(torch.isfinite(tensor).all() for tensor in model.state_dict().values())


def test_an_interrupt_saves_and_the_same_call_goes_on(tiny, workspace, monkeypatch):
    undisturbed = sha256(make(tiny, workspace, "gpt2"))
    scratch = workspace.scratch("finetune gpt2")
    shutil.rmtree(scratch)
    original = _Keeper.on_step_end

    def interrupt_at_step_3(self, args, state, control, **kwargs):
        if state.global_step == 3:
            signal.raise_signal(signal.SIGTERM)
        return original(self, args, state, control, **kwargs)

    monkeypatch.setattr(_Keeper, "on_step_end", interrupt_at_step_3)
    with pytest.raises(KeyboardInterrupt):
        finetune(tiny, workspace, "gpt2")
    assert find_whole_checkpoint(scratch).name == "checkpoint-3"
    finetune(tiny, workspace, "gpt2")
    assert sha256(workspace.checkpoint("gpt2")) == undisturbed
