"""Logits for any number of texts of any length: pieces as long as training texts, in batches of like length."""

from collections.abc import Iterator, Sequence

import numpy as np

from shrump.dataset.cutting import cut_text

_BATCH_TOKENS = 4096  # padding included


def piecewise_logits(model, tokenizer, texts: Sequence[str], words: int, window: int) -> np.ndarray:
    """Logits [texts, labels] of a sequence classifier.

    A text of more than ``words`` words is cut where sentences end, as the training texts were (a piece that
    begins in the middle of one looks like nobody's), and a piece of more than ``window`` tokens anywhere. The
    logits are the mean over the pieces, each weighing as many as its tokens.
    """
    import torch

    ids, owners = _cut(tokenizer, texts, words, window)
    totals = np.zeros((len(texts), model.config.num_labels))
    weights = np.zeros(len(texts))
    with torch.inference_mode():
        for chosen in _batches([len(row) for row in ids]):
            batch = pad_rows([ids[at] for at in chosen], tokenizer.pad_token_id)
            batch = {name: tensor.to(model.device) for name, tensor in batch.items()}
            logits = model(**batch).logits.float().cpu().numpy()
            sizes = np.array([len(ids[at]) for at in chosen])
            np.add.at(totals, owners[chosen], logits * sizes[:, None])
            np.add.at(weights, owners[chosen], sizes)
    return totals / weights[:, None]


def pad_rows(rows: Sequence[list[int]], pad: int) -> dict:
    """``input_ids`` and ``attention_mask`` [rows, longest]."""
    import torch

    longest = max(map(len, rows))
    return {
        "input_ids": torch.tensor([row + [pad] * (longest - len(row)) for row in rows]),
        "attention_mask": torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows]),
    }


def _cut(tokenizer, texts: Sequence[str], words: int, window: int) -> tuple[list[list[int]], np.ndarray]:
    """The tokens of all pieces, and the number of the text that each belongs to."""
    pieces = [(number, piece) for number, text in enumerate(texts) for piece in cut_text(text, words)]
    if not pieces:
        return [], np.zeros(0, dtype=int)
    numbers, cut = zip(*pieces, strict=True)
    encoded = tokenizer(list(cut), truncation=True, max_length=window, return_overflowing_tokens=True)
    return encoded["input_ids"], np.asarray(numbers)[encoded["overflow_to_sample_mapping"]]


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Rows of like length together, as many as fill a batch."""
    batch = []
    for at in np.argsort(lengths, kind="stable"):
        if batch and (len(batch) + 1) * lengths[at] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(int(at))
    if batch:
        yield batch
