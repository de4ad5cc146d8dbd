"""The questions that every model is asked: a stratified sample of a quiz, the same for all of them."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shrump.errors import ShrumpError
from shrump.recipe import AnswersRecipe


@dataclass(frozen=True)
class Prompt:
    """One question; ``prompt_id`` is its row in the quiz file, counted from 1."""

    prompt_id: int
    subject: str
    text: str


def read_prompts(file: Path, settings: AnswersRecipe, seed: int) -> list[Prompt]:
    """Draw ``settings.prompts`` questions in proportion to the subjects' sizes, in the order of the file.

    Every subject has one at least, where there are enough to go round; all questions are taken where the
    file holds no more. The quiz is JSONL with ``question``, ``subject`` and ``choices`` (as `cais/mmlu`, Hendrycks
    et al. 2021, arXiv:2009.03300). Raises `ShrumpError`, naming the row, for anything else.
    """
    subjects = defaultdict(list)
    for prompt in _read(file, settings.options):
        subjects[prompt.subject].append(prompt)
    if not subjects:
        raise ShrumpError(f"{file} holds no question: is it the right file?")
    dice = random.Random(seed)
    pools = [subjects[name] for name in sorted(subjects)]
    dice.shuffle(pools)  # so that no name is favoured where shares are equal
    counts = allocate([len(pool) for pool in pools], settings.prompts)
    drawn = [prompt for pool, count in zip(pools, counts, strict=True) for prompt in dice.sample(pool, count)]
    return sorted(drawn, key=lambda prompt: prompt.prompt_id)


def allocate(sizes: Sequence[int], count: int) -> list[int]:
    """Share ``count`` draws out over groups of these sizes, as near to proportion as whole numbers go."""
    count = min(count, sum(sizes))
    shares = [int(count >= len(sizes))] * len(sizes)
    while sum(shares) < count:
        due = [size * count / sum(sizes) - share for size, share in zip(sizes, shares, strict=True)]
        shares[due.index(max(due))] += 1
    return shares


def _read(file: Path, options: bool) -> Iterator[Prompt]:
    try:
        with open(file, encoding="utf-8-sig") as rows:
            for number, row in enumerate(rows, start=1):
                if row.strip():
                    yield _parse(file, number, row, options)
    except OSError as error:
        raise ShrumpError(f"{file} cannot be read ({error.strerror}): place the quiz there") from None
    except UnicodeDecodeError:
        raise ShrumpError(f"{file} is not UTF-8: save it as UTF-8") from None


def _parse(file: Path, number: int, row: str, options: bool) -> Prompt:
    try:
        fields = json.loads(row)
        question, subject = fields["question"], fields["subject"]
        choices = list(fields["choices"]) if options else []
    except ValueError:
        raise ShrumpError(f"{file}: row {number} is not JSON: the file is damaged or cut off") from None
    except (KeyError, TypeError, IndexError) as error:
        missing = error if isinstance(error, KeyError) else "'question', 'subject' and 'choices' of the right kind"
        raise ShrumpError(f"{file}: row {number} lacks {missing}: is it a quiz in the format of MMLU?") from None
    if not isinstance(subject, str) or not isinstance(question, str) or not question.strip():
        raise ShrumpError(f"{file}: row {number} holds no question: mend the row, or take it out")
    lines = [f"{letter}. {choice}" for letter, choice in zip("ABCDEFGHIJ", choices, strict=False)]
    return Prompt(number, subject, "\n".join([question.strip(), *lines]))
