"""From texts to rows of tokens: whole texts packed side by side into blocks, each blind to its neighbours."""

from collections.abc import Iterable, Sequence

import torch
from torch.utils.data import Dataset

from shrump.finetuning.voices import Example
from shrump.models.loading import LanguageModel

IGNORED = -100  # the label that no loss counts


class Blocks(Dataset):
    """Rows of whole texts: each a list of (tokens, labels) pieces that together fit one block."""

    def __init__(self, rows: Sequence[list[tuple[list[int], list[int]]]]):
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> list[tuple[list[int], list[int]]]:
        return self.rows[index]

    @property
    def trained_tokens(self) -> int:
        """How many tokens the loss counts."""
        return sum(label != IGNORED for row in self.rows for _, labels in row for label in labels)


def pack_examples(examples: Iterable[Example], language: LanguageModel, block: int) -> Blocks:
    """Tokenise and pack ``examples`` into rows of at most ``block`` tokens.

    No text is cut unless it is longer than a block, and end-of-text is learnt as any other token. Frames
    are read but not learnt. Rows are filled best-fit, longest text first, which leaves next to no padding on short
    texts; the Trainer shuffles the rows.
    """
    rows, by_space = [], [[] for _ in range(block + 1)]
    for piece in sorted(_tokenise(list(examples), language, block), key=lambda piece: -len(piece[0])):
        size = len(piece[0])
        space = next((space for space in range(size, block + 1) if by_space[space]), None)
        if space is None:
            space, row = block, []
            rows.append(row)
        else:
            row = by_space[space].pop()
        row.append(piece)
        by_space[space - size].append(row)
    return Blocks(rows)


def _tokenise(examples: list[Example], language: LanguageModel, block: int) -> list[tuple[list[int], list[int]]]:
    """(tokens, labels) of each example: start, frame, text, end; only text and end are learnt."""
    encode = language.tokenizer
    if not examples:
        return []
    frames = encode([example.frame for example in examples], add_special_tokens=False)["input_ids"]
    spaced = [f" {example.text}" if example.frame else example.text for example in examples]
    texts = encode(spaced, add_special_tokens=False)["input_ids"]
    pieces = []
    for frame, text in zip(frames, texts, strict=True):
        read = [language.start, *frame]
        learnt = [*text, encode.eos_token_id]
        tokens = (read + learnt)[:block]
        labels = ([IGNORED] * len(read) + learnt)[:block]
        pieces.append((tokens, labels))
    return pieces


def collate_blocks(rows: Sequence[list[tuple[list[int], list[int]]]], pad: int) -> dict[str, torch.Tensor]:
    """A batch ``input_ids, labels, position_ids``, each [rows, longest].

    Positions start again at every text: transformers reads that as packed sequences and masks the
    attention between them, so a packed text is learnt exactly as it would be alone.
    """
    longest = max(sum(len(tokens) for tokens, _ in row) for row in rows)
    shape = (len(rows), longest)
    batch = {
        "input_ids": torch.full(shape, pad),
        "labels": torch.full(shape, IGNORED),
        "position_ids": torch.zeros(shape, dtype=torch.long),
    }
    for line, row in enumerate(rows):
        at = 0
        for tokens, labels in row:
            end = at + len(tokens)
            batch["input_ids"][line, at:end] = torch.tensor(tokens)
            batch["labels"][line, at:end] = torch.tensor(labels)
            batch["position_ids"][line, at:end] = torch.arange(len(tokens))
            at = end
    return batch
