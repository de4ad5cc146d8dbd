"""How well a language model predicts texts: its loss and perplexity over the tokens that are learnt."""

import math

import torch
from transformers import PreTrainedModel

from shrump.finetuning.packing import IGNORED, Rows, collate

_ROWS = 16


def mean_loss(model: PreTrainedModel, rows: Rows, pad: int) -> float:
    """Nats per learnt token over all ``rows``, each token weighing the same (not each batch)."""
    total, count = 0.0, 0
    with torch.inference_mode():
        for at in range(0, len(rows), _ROWS):
            batch = collate(rows.rows[at : at + _ROWS], pad)
            batch = {name: tensor.to(model.device) for name, tensor in batch.items()}
            learnt = int((batch["labels"] != IGNORED).sum())
            total += float(model(**batch, use_cache=False).loss) * learnt
            count += learnt
    return total / max(count, 1)


def perplexity(loss: float) -> float:
    """exp of a loss in nats per token."""
    return math.exp(min(loss, 700))
