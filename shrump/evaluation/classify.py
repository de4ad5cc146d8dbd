"""Labelling files of any size: text lines, CSV or JSONL in, CSV out, a block of texts at a time."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from shrump.errors import ShrumpError
from shrump.progress import bar

STANDARD_INPUT = "-"
_BLOCK = 4096  # texts in memory
_LONGEST = 10_000_000  # characters of one text
_NAME = "text"


def classify_stream(file: str, folder: Path, out: TextIO) -> None:
    """Write ``text,author,p_shakespeare,p_trump,p_other`` for each text of ``file`` ("-": standard input).

    The p are calibrated probabilities, named after the classifier's labels. CSV needs a column ``text``, JSONL
    a field; anything else is read as one text a line. Rows come out in order and whole, block by block.
    Raises `ShrumpError`, naming the line, for what cannot be read.
    """
    source = _open(file)
    with source as stream, bar(None, "classifying", "text") as progress:
        texts = read_texts(stream, Path(file).suffix.lower(), file)
        first = list(islice(texts, _BLOCK))  # before the classifier: a bad file is refused at once
        from shrump.evaluation.classifier import load_classifier

        classifier = load_classifier(folder)
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([_NAME, "author", *(f"p_{label.lower()}" for label in classifier.labels)])
        while first:
            _write_block(writer, classifier, first)
            out.flush()
            progress.update(len(first))
            first = list(islice(texts, _BLOCK))


def read_texts(stream: TextIO, suffix: str, name: str) -> Iterator[str]:
    """The texts of a stream; where the suffix does not tell the format, its first line does."""
    try:
        lines = _read_bounded(stream, name)
        opening = next(lines, "").removeprefix("\ufeff")
        read = {".csv": _read_csv, ".jsonl": _read_jsonl, ".txt": _read_lines}.get(suffix) or _guess(opening)
        yield from read(chain([opening], lines) if opening else lines, name)
    except UnicodeDecodeError:
        raise ShrumpError(f"{name} is not UTF-8: save it as UTF-8") from None
    except csv.Error as error:
        raise ShrumpError(f"{name} is damaged CSV ({error}): mend it, or give it as .txt or .jsonl") from None


def _open(file: str) -> TextIO:
    if file == STANDARD_INPUT:
        return io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", newline="")
    try:
        return open(file, encoding="utf-8", newline="")
    except OSError as error:
        raise ShrumpError(f"{file} cannot be read ({error.strerror}): give a text, CSV or JSONL file") from None


def _read_bounded(stream: TextIO, name: str) -> Iterator[str]:
    """Lines, none so long that it could fill the memory."""
    for number, line in enumerate(iter(lambda: stream.readline(_LONGEST + 1), ""), start=1):
        if len(line) > _LONGEST:
            raise ShrumpError(f"{name}: line {number} is longer than {_LONGEST:,} characters: cut it up")
        yield line


def _guess(opening: str) -> Callable[[Iterator[str], str], Iterator[str]]:
    if opening.startswith("{"):
        return _read_jsonl
    header = next(csv.reader([opening]), [])
    return _read_csv if _NAME in header else _read_lines


def _read_csv(lines: Iterator[str], name: str) -> Iterator[str]:
    csv.field_size_limit(_LONGEST)
    rows = csv.reader(lines, strict=True)
    header = next(rows, [])
    if _NAME not in header:
        found = ", ".join(header)[:200]
        raise ShrumpError(f"{name} has no column {_NAME} (columns: {found}): name the column of the texts so")
    column = header.index(_NAME)
    for row in rows:
        if row and len(row) <= column:
            raise ShrumpError(f"{name}: line {rows.line_num} ends before the column {_NAME}: mend the row")
        if row:
            yield row[column]


def _read_jsonl(lines: Iterator[str], name: str) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            text = json.loads(line)[_NAME]
        except ValueError:
            raise ShrumpError(f"{name}: line {number} is not JSON: mend it, or take it out") from None
        except (KeyError, TypeError, IndexError):
            raise ShrumpError(f"{name}: line {number} has no field {_NAME}") from None
        if not isinstance(text, str):
            raise ShrumpError(f"{name}: line {number} has a {_NAME} that is no text")
        yield text


def _read_lines(lines: Iterator[str], name: str) -> Iterator[str]:
    for line in lines:
        if line.strip():
            yield line.strip()


def _write_block(writer, classifier, texts: Sequence[str]) -> None:
    for text, shares in zip(texts, classifier.probabilities(texts), strict=True):
        writer.writerow([text, classifier.label(shares), *(f"{share:.4f}" for share in shares)])
