"""Sampling texts from a language model, many prompts at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from shrump.models.loading import LanguageModel


@dataclass(frozen=True)
class Decoding:
    """How texts are sampled: at most ``tokens`` new ones, at a temperature, inside the nucleus ``top_p``.

    Nucleus sampling is Holtzman et al. 2020 (arXiv:1904.09751).
    """

    tokens: int = 80
    temperature: float = 0.9
    top_p: float = 0.95


@dataclass(frozen=True)
class Written:
    """One text, how many tokens it took, and whether the model ended it by itself."""

    text: str
    tokens: int
    ended: bool


def write(language: LanguageModel, frames: Sequence[str], decoding: Decoding, seed: int) -> list[Written]:
    """Sample one text after each of ``frames``, in one batch.

    The same frames, decoding and seed give the same texts. A frame that leaves no room for ``tokens``
    in the model's context loses its beginning, never its end, where the voice stands.
    """
    import torch

    inputs = _tokenise(language, frames, decoding)
    width = 1 if language.kind == "seq2seq" else inputs["input_ids"].shape[1]
    torch.manual_seed(seed)
    with torch.inference_mode():
        rows = language.model.generate(**inputs, generation_config=_configure(language, decoding))
    return [_read(language, row[width:].tolist()) for row in rows]


def _tokenise(language: LanguageModel, frames: Sequence[str], decoding: Decoding) -> dict:
    """``input_ids`` and ``attention_mask`` [frames, longest]; padded on the left where the model writes on."""
    import torch

    rows = language.tokenizer(list(frames), add_special_tokens=False)["input_ids"]
    if language.kind == "seq2seq":
        room = language.context
        rows = [[*row[: room - 1], language.tokenizer.eos_token_id] for row in rows]
    else:
        room = max(1, language.context - decoding.tokens - 1)
        rows = [[language.start, *row[-room:]] for row in rows]
    longest = max(map(len, rows))
    ids = torch.full((len(rows), longest), language.pad)
    mask = torch.zeros_like(ids)
    for line, row in enumerate(rows):
        place = slice(0, len(row)) if language.kind == "seq2seq" else slice(longest - len(row), longest)
        ids[line, place] = torch.tensor(row)
        mask[line, place] = 1
    device = language.model.device
    return {"input_ids": ids.to(device), "attention_mask": mask.to(device)}


def _configure(language: LanguageModel, decoding: Decoding):
    from transformers import GenerationConfig

    return GenerationConfig(
        do_sample=True,
        top_k=0,
        top_p=decoding.top_p,
        temperature=decoding.temperature,
        max_new_tokens=decoding.tokens,
        pad_token_id=language.pad,
        eos_token_id=language.tokenizer.eos_token_id,
        bos_token_id=language.start,
        decoder_start_token_id=getattr(language.model.config, "decoder_start_token_id", None),
    )


def _read(language: LanguageModel, tokens: list[int]) -> Written:
    end = language.tokenizer.eos_token_id
    ended = end in tokens
    if ended:
        tokens = tokens[: tokens.index(end)]
    text = language.tokenizer.decode(tokens, skip_special_tokens=True).strip()
    return Written(text, len(tokens), ended)
