"""Counting tokens: plain words and marks, or any tokenizer from a folder or the hub."""

from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.compute as compute

from shrump import progress
from shrump.errors import ShrumpError

WORDS = "words"
_WORD_OR_MARK = r"[\p{L}\p{N}_]+(?:'[\p{L}\p{N}_]+)*|[^\p{L}\p{N}_\s]"
_BATCH = 20_000  # texts encoded at once


def count_tokens(texts: pyarrow.ChunkedArray, tokenizer: str) -> np.ndarray:
    """Tokens in each text; ``tokenizer`` is "words" (words and punctuation marks), a local folder or a hub id.

    Raises `ShrumpError` where the tokenizer cannot be had.
    """
    if tokenizer == WORDS:
        return compute.count_substring_regex(texts, pattern=_WORD_OR_MARK).to_numpy()
    encoder = _load_tokenizer(tokenizer).backend_tokenizer
    counts = []
    with progress.bar(len(texts), "counting tokens", "texts") as bar:
        for start in range(0, len(texts), _BATCH):
            batch = texts.slice(start, _BATCH).to_pylist()
            counts += [len(encoding) for encoding in encoder.encode_batch_fast(batch, add_special_tokens=False)]
            bar.update(len(batch))
    return np.asarray(counts, dtype=np.int64)


def _load_tokenizer(name: str):
    from transformers import AutoTokenizer, GPT2TokenizerFast

    try:
        folder = Path(name)
        if (folder / "merges.txt").is_file() and not (folder / "tokenizer.json").is_file():
            loaded = GPT2TokenizerFast.from_pretrained(name)  # the two bare files say nothing of their kind
        else:
            loaded = AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0][:160]
        raise ShrumpError(f"the tokenizer {name} cannot be loaded ({reason}): give a folder that holds one") from None
    if len(loaded) < 256:
        raise ShrumpError(
            f"the tokenizer {name} is empty: its folder lacks tokenizer.json, or vocab.json and merges.txt"
        )
    return loaded
