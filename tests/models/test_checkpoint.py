"""A checkpoint that is not whole is refused in one line; a list says what is wrong with each."""

import pytest

from shrump.errors import ShrumpError
from shrump.finetuning.pretrain import pretrain
from shrump.models.checkpoint import describe, find_checkpoints, load_checkpoint


@pytest.mark.parametrize("lost", ["model.safetensors", "config.json", "tokenizer.json", "shrump.json"])
def test_a_folder_that_lacks_a_file_is_refused(tiny, workspace, lost):
    pretrain(tiny, workspace, "gpt2")
    folder = workspace.base("gpt2")
    (folder / lost).unlink()
    with pytest.raises(ShrumpError, match=rf"gpt2_base.*{lost}.*make it again with shrump run"):
        load_checkpoint(folder)
    assert lost in describe(folder)["problem"] or not list(find_checkpoints([workspace]))


def test_truncated_weights_are_refused(tiny, workspace):
    pretrain(tiny, workspace, "gpt2")
    weights = workspace.base("gpt2") / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ShrumpError, match="gpt2_base cannot be loaded"):
        load_checkpoint(workspace.base("gpt2"))


def test_a_list_says_what_each_checkpoint_is(tiny, workspace):
    pretrain(tiny, workspace, "gpt2")
    (folder,) = find_checkpoints([workspace])
    row = describe(folder)
    assert (row["name"], row["problem"], row["kind"]) == ("gpt2_base", "", "causal")
