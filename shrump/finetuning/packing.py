"""From examples to rows of tokens: whole texts side by side in blocks, or source and target pairs."""

from collections.abc import Iterable, Sequence

import torch
from torch.utils.data import Dataset

from shrump.finetuning.voices import Example
from shrump.models.loading import LanguageModel

IGNORED = -100  # the label that no loss counts


class Rows(Dataset):
    """What a model is trained on: dictionaries of token lists, one for each row of a batch."""

    def __init__(self, rows: Sequence[dict[str, list[int]]]):
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        return self.rows[index]

    @property
    def trained_tokens(self) -> int:
        """How many tokens the loss counts."""
        return sum(label != IGNORED for row in self.rows for label in row["labels"])


def make_rows(examples: Iterable[Example], language: LanguageModel, block: int) -> Rows:
    """Tokenise ``examples`` into rows of at most ``block`` tokens, as the model's kind wants them."""
    examples = list(examples)
    if not examples:
        return Rows([])
    make = _pair if language.kind == "seq2seq" else _pack
    return Rows(make(examples, language, block))


def collate(rows: Sequence[dict[str, list[int]]], pad: int) -> dict[str, torch.Tensor]:
    """A batch of tensors [rows, longest], each filled up with what the model does not see."""
    fills = {"input_ids": pad, "labels": IGNORED, "position_ids": 0, "attention_mask": 0}
    batch = {}
    for name in rows[0]:
        longest = max(len(row[name]) for row in rows)
        batch[name] = torch.tensor([row[name] + [fills[name]] * (longest - len(row[name])) for row in rows])
    return batch


def _pack(examples: list[Example], language: LanguageModel, block: int) -> list[dict[str, list[int]]]:
    """Rows ``input_ids, labels, position_ids`` of whole texts: start, frame, text, end-of-text.

    Text and end-of-text are learnt, frames only read, and no text is cut unless it is longer than a block.
    Positions start again at every text: transformers reads that as packed sequences and masks the attention
    between them, so a packed text is learnt exactly as it would be alone. Rows are filled best-fit, longest
    text first, which leaves next to no padding on short texts.
    """
    pieces = []
    for frame, text in _tokenise(examples, language):
        read = [language.start, *frame]
        pieces.append(((read + text)[:block], ([IGNORED] * len(read) + text)[:block]))
    rows, by_space = [], [[] for _ in range(block + 1)]
    for tokens, labels in sorted(pieces, key=lambda piece: -len(piece[0])):
        size = len(tokens)
        space = next((space for space in range(size, block + 1) if by_space[space]), None)
        if space is None:
            space, row = block, {"input_ids": [], "labels": [], "position_ids": []}
            rows.append(row)
        else:
            row = by_space[space].pop()
        row["input_ids"] += tokens
        row["labels"] += labels
        row["position_ids"] += range(size)
        by_space[space - size].append(row)
    return rows


def _pair(examples: list[Example], language: LanguageModel, block: int) -> list[dict[str, list[int]]]:
    """Rows ``input_ids, attention_mask, labels``: the frame is the source, text and end-of-text the target."""
    end = language.tokenizer.eos_token_id
    rows = []
    for frame, text in _tokenise(examples, language):
        source = [*frame[: block - 1], end]
        rows.append({"input_ids": source, "attention_mask": [1] * len(source), "labels": text[:block]})
    return rows


def _tokenise(examples: list[Example], language: LanguageModel) -> Iterable[tuple[list[int], list[int]]]:
    """(frame, text with end-of-text) of each example, in tokens."""
    spaced = language.kind == "causal"  # a text goes on after its frame
    texts = [f" {example.text}" if spaced and example.frame else example.text for example in examples]
    frames = [example.frame for example in examples]
    encoded = [language.tokenizer(each, add_special_tokens=False)["input_ids"] for each in (frames, texts)]
    for frame, text in zip(*encoded, strict=True):
        yield frame, [*text, language.tokenizer.eos_token_id]
