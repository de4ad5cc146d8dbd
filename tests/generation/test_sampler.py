"""Sampling: rows end where the model ends them, and a row does not feel its neighbours' length."""

import pytest
import torch

from shrump.generation.sampler import Decoding, _read, _tokenise, write
from shrump.models.loading import LanguageModel
from shrump.models.miniature import build_language_model, train_tokenizer
from shrump.recipe import Miniature
from tests.conftest import compose


@pytest.fixture(scope="module", params=["gpt2", "t5", "mistral"])
def language(request):
    torch.manual_seed(0)
    sizes = Miniature(request.param, layers=1, width=32, heads=2, vocabulary=400)
    tokenizer = train_tokenizer([compose("Trump", n) for n in range(100)], sizes)
    kind = "seq2seq" if request.param == "t5" else "causal"
    return LanguageModel(build_language_model(sizes, tokenizer, 64).eval(), tokenizer, kind)


def test_the_seed_decides(language):
    texts = [write(language, ["we will", "believe"], Decoding(tokens=8), seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_padding_changes_no_prediction(language):
    def predict(frames):
        inputs = _tokenise(language, frames, Decoding(tokens=8))
        extra = {"decoder_input_ids": torch.zeros((len(frames), 1), dtype=int)} if language.kind == "seq2seq" else {}
        if language.kind == "causal":
            extra = {"position_ids": (inputs["attention_mask"].cumsum(1) - 1).clamp(min=0)}
        return language.model(**inputs, **extra).logits[0, -1]

    alone, beside = predict(["win"]), predict(["win", "we will win so big folks believe me"])
    assert torch.allclose(alone, beside, atol=1e-4)


def test_an_empty_frame_begins_a_text(language):
    (written,) = write(language, [""], Decoding(tokens=8), 1)
    assert written.tokens <= 8


def test_a_text_stops_at_its_end(language):
    end = language.tokenizer.eos_token_id
    word = language.tokenizer("we", add_special_tokens=False)["input_ids"]
    assert vars(_read(language, [*word, end, *word])) == {"text": "we", "tokens": len(word), "ended": True}
    assert vars(_read(language, word)) == {"text": "we", "tokens": len(word), "ended": False}
