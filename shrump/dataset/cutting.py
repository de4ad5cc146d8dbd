"""Cutting long texts where a line or a sentence ends."""

import re
from collections.abc import Sequence

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?;:])\s+")
_CLOSING = (".", "!", "?", ";", ":", '."', '!"', '?"', ".'", "!'", "?'")


def count_words(text: str) -> int:
    """Words as every length in a recipe counts them: runs of letters and digits, apostrophes inside."""
    return len(WORD.findall(text))


def cut_lines(lines: Sequence[str], limit: int) -> list[str]:
    """Join lines into texts of at most ``limit`` words, cut at line ends, best where a sentence ends too."""
    lengths = [count_words(line) for line in lines]
    if sum(lengths) <= limit:
        return [" ".join(lines)]
    pieces, start = [], 0
    while start < len(lines):
        end = _find_end(lines, lengths, start, limit)
        pieces.append(" ".join(lines[start:end]))
        start = end
    return pieces


def cut_text(text: str, limit: int) -> list[str]:
    """Cut a text at sentence ends into texts of at most ``limit`` words; an endless sentence between words."""
    if count_words(text) <= limit:
        return [text]
    units = []
    for sentence in _SENTENCE_END.split(text):
        words = sentence.split(" ")
        whole = count_words(sentence) <= limit
        units += [sentence] if whole else _chop(words, limit)
    return cut_lines(units, limit)


def _find_end(lines: Sequence[str], lengths: Sequence[int], start: int, limit: int) -> int:
    """The line after the last that fits: of those in the second half of the room, one that closes a sentence."""
    words, fits, closed = 0, start, 0
    for index in range(start, len(lines)):
        words += lengths[index]
        if words > limit:
            break
        fits = index + 1
        if 2 * words >= limit and lines[index].endswith(_CLOSING):
            closed = index + 1
    if fits == len(lines):
        return fits
    return closed or max(fits, start + 1)


def _chop(words: Sequence[str], limit: int) -> list[str]:
    """Runs of words, each with at most ``limit`` of what we count as words."""
    runs, run, count = [], [], 0
    for word in words:
        inside = count_words(word)
        if run and count + inside > limit:
            runs.append(" ".join(run))
            run, count = [], 0
        run.append(word)
        count += inside
    return [*runs, " ".join(run)]
