"""Packing loses no token, cuts no text, and changes nothing of what is learnt."""

import pytest
import torch

from shrump.finetuning.measuring import mean_loss
from shrump.finetuning.packing import IGNORED, collate, make_rows
from shrump.finetuning.voices import make_examples
from shrump.models.loading import LanguageModel
from shrump.models.miniature import build_language_model, train_tokenizer
from shrump.recipe import Miniature
from tests.conftest import compose

TEXTS = [(compose(author, n), author) for n in range(200) for author in ("Shakespeare", "Trump")]


@pytest.fixture(scope="module", params=["gpt2", "mistral"])
def causal(request):
    return _build(request.param, "causal")


def _build(architecture, kind):
    torch.manual_seed(0)
    sizes = Miniature(architecture, layers=2, width=32, heads=2, vocabulary=400)
    tokenizer = train_tokenizer((text for text, _ in TEXTS), sizes)
    return LanguageModel(build_language_model(sizes, tokenizer, 128).eval(), tokenizer, kind)


def _examples(kind="causal"):
    return make_examples(TEXTS, kind, tagged=True, neutral_share=0.1, seed=1)


def test_every_text_is_whole_and_ends(causal):
    rows = make_rows(_examples(), causal, block=128)
    found = []
    for row in rows:
        for tokens, label in zip(row["input_ids"], row["labels"], strict=True):
            found.append(None if label == IGNORED else tokens)
    texts = causal.tokenizer.decode([token for token in found if token is not None]).split(causal.tokenizer.eos_token)
    assert sorted(text.strip() for text in texts if text.strip()) == sorted(example.text for example in _examples())


def test_hardly_any_padding(causal):
    rows = make_rows(_examples(), causal, block=128)
    used = sum(len(row["input_ids"]) for row in rows)
    assert max(len(row["input_ids"]) for row in rows) <= 128
    assert used / (128 * len(rows)) > 0.96


def test_a_packed_text_is_learnt_as_it_would_be_alone(causal):
    packed = make_rows(_examples(), causal, block=128)
    alone = make_rows(_examples(), causal, block=128)
    alone.rows = [row for example in _examples() for row in make_rows([example], causal, 128).rows]
    assert packed.trained_tokens == alone.trained_tokens
    assert mean_loss(causal.model, packed, causal.pad) == pytest.approx(
        mean_loss(causal.model, alone, causal.pad), abs=2e-5
    )


def test_a_text_longer_than_a_block_is_cut_to_it(causal):
    (row,) = make_rows(_examples()[:1], causal, block=6).rows
    assert len(row["input_ids"]) == 6


def test_a_seq2seq_row_reads_the_frame_and_learns_text_and_end():
    t5 = _build("t5", "seq2seq")
    (example, *_) = _examples("seq2seq")
    (row,) = make_rows([example], t5, block=128).rows
    assert t5.tokenizer.decode(row["input_ids"]) == example.frame + "</s>"
    assert t5.tokenizer.decode(row["labels"]) == example.text + "</s>"


def test_a_batch_is_filled_up_with_what_is_not_seen():
    rows = [{"input_ids": [5, 6], "labels": [5, 6], "attention_mask": [1, 1]}]
    rows += [{"input_ids": [7], "labels": [7], "attention_mask": [1]}]
    batch = collate(rows, pad=9)
    assert batch["input_ids"].tolist() == [[5, 6], [7, 9]]
    assert batch["labels"].tolist() == [[5, 6], [7, IGNORED]]
    assert batch["attention_mask"].tolist() == [[1, 1], [1, 0]]
