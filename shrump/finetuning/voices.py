"""Voices: how a text is tagged for training, and how a prompt is put to a model.

A voice is an author's name in plain words of the model's own vocabulary, as CTRL's control codes are
(Keskar et al. 2019, arXiv:1909.05858), so that no embedding is resized and a pretrained model already knows
the names. A share of the texts is tagged with the neutral voice instead, which thereby learns the mix.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NEUTRAL = "Shrump"
BASE = "base"
_PROMPTED_SHARE = 1 / 3  # of the training texts stand behind a prompt
_FRAMES = {
    "causal": {True: "{prompt}\n{voice}:", False: "{voice}:"},
    "seq2seq": {True: "Write on in the voice of {voice}: {prompt}", False: "Write in the voice of {voice}."},
}


@dataclass(frozen=True)
class Example:
    """What a model reads (``frame``) and what it must learn to write after it (``text``)."""

    frame: str
    text: str


def frame_prompt(kind: str, voice: str, prompt: str = "") -> str:
    """What stands before the text that ``voice`` writes; "base" reads the prompt as it is."""
    if voice == BASE:
        return prompt
    return _FRAMES[kind][bool(prompt)].format(prompt=prompt, voice=voice)


def instruct(authors: Sequence[str], prompt: str) -> str:
    """The prompt with a request for the mixed style in words, for a model that was not fine-tuned."""
    return f"Write in a style that mixes {' and '.join(authors)}.\n{prompt}\n"


def voices_of(authors: Iterable[str], tagged: bool) -> dict[str, str]:
    """The voices that a fine-tuned model has, by the lower-case names that people type.

    A model that was trained on bare text (the `paper` recipe) has the mixed voice alone, and no tag.
    """
    if not tagged:
        return {NEUTRAL.lower(): BASE}
    return {name.lower(): name for name in [*authors, NEUTRAL]}


def make_examples(
    rows: Iterable[tuple[str, str]], kind: str, tagged: bool, neutral_share: float, seed: int
) -> list[Example]:
    """Tag (text, author) rows for training, in an order shuffled by ``seed``.

    ``neutral_share`` of them get the neutral voice, and a third a prompt: a seq2seq model learns to write on
    from a text's own first words; a causal model, which does that anyway, learns that after somebody else's
    words a whole text of the voice follows. Bare text, where not ``tagged``, is one whole: nothing is framed.
    """
    dice = random.Random(seed)
    rows = list(rows)
    dice.shuffle(rows)
    if not tagged:
        return [Example("", text) for text, _ in rows]
    examples = []
    for text, author in rows:
        voice = NEUTRAL if dice.random() < neutral_share else author
        prompt = ""
        if dice.random() < _PROMPTED_SHARE:
            prompt, text = _split_opening(text, dice) if kind == "seq2seq" else (_overhear(rows, dice), text)
        examples.append(Example(frame_prompt(kind, voice, prompt), text))
    return examples


def voice_examples(texts: Iterable[str], kind: str, voice: str) -> list[Example]:
    """Whole texts in one voice, for measuring a model on them."""
    return [Example(frame_prompt(kind, voice), text) for text in texts]


def _overhear(rows: list[tuple[str, str]], dice: random.Random) -> str:
    """The first words of any text: what a voice answers to."""
    words = dice.choice(rows)[0].split(" ")
    return " ".join(words[: dice.randint(3, 16)])


def _split_opening(text: str, dice: random.Random) -> tuple[str, str]:
    """A text's first words, at most a third of them, and the rest."""
    words = text.split(" ")
    if len(words) < 9:
        return "", text
    cut = dice.randint(3, len(words) // 3)
    return " ".join(words[:cut]), " ".join(words[cut:])
