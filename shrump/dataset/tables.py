"""Reading raw files row by row, in little memory, and refusing damaged ones in one line."""

import codecs
import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow
from pyarrow import csv as arrow

from shrump import progress
from shrump.errors import ShrumpError

BLOCK = 1 << 22  # bytes read at once
LONGEST = 1_000_000  # characters of a field; beyond it a quote was left open
_ARCHIVES = {b"\x1f\x8b": "a gzip archive", b"PK\x03\x04": "a zip archive", b"BZh": "a bzip2 archive"}
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TICK = 1000  # rows between two steps of the bar


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The named columns of a CSV, of a JSONL, or of a text file (one text a line: the first column).

    Missing values are "". Raises `ShrumpError`, naming file and row, for whatever cannot be read.
    """
    check_bytes(path)
    read = {".jsonl": _read_jsonl, ".txt": _read_lines}.get(path.suffix.lower(), _read_csv)
    with open(path, "rb") as file, progress.bar(path.stat().st_size, f"reading {path.name[:16]}", "B") as bar:
        for number, row in enumerate(read(path, file, columns), start=1):
            if max(map(len, row)) > LONGEST:
                raise ShrumpError(
                    f"{path}: row {number} holds a field of over {LONGEST:,} characters: a quote is left open there, "
                    "or the text has to be cut into rows"
                )
            if number % _TICK == 0:
                bar.update(file.tell() - bar.n)
            yield row
        bar.update(file.tell() - bar.n)


def check_bytes(path: Path) -> None:
    """Refuse what is no UTF-8 text: archives, other encodings, NUL bytes, empty files."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    try:
        with open(path, "rb") as file:
            _check_start(path, file.read(4))
            file.seek(0)
            while block := file.read(BLOCK):
                if b"\0" in block:
                    line += block[: block.index(b"\0")].count(b"\n")
                    raise ShrumpError(f"{path}: line {line} holds a NUL byte: the file is damaged, fetch it again")
                decoder.decode(block)
                line += block.count(b"\n")
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line += error.object[: error.start].count(b"\n")
        raise ShrumpError(f"{path}: line {line} is not UTF-8: save the file as UTF-8") from None
    except OSError as error:
        raise ShrumpError(f"{path} cannot be read ({error.strerror})") from None


def _check_start(path: Path, start: bytes) -> None:
    if not start:
        raise ShrumpError(f"{path} is empty: fetch it again")
    for magic, kind in _ARCHIVES.items():
        if start.startswith(magic):
            raise ShrumpError(f"{path} is {kind}: unpack it and give the file that is in it")
    if start.startswith(_WIDE):
        raise ShrumpError(f"{path} is UTF-16: save it as UTF-8")


def _read_csv(path: Path, file: BinaryIO, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    _check_header(path, columns)
    reading = arrow.ReadOptions(use_threads=False, block_size=BLOCK)
    parsing = arrow.ParseOptions(newlines_in_values=True)
    types = {name: pyarrow.string() for name in columns}
    converting = arrow.ConvertOptions(column_types=types, include_columns=columns, strings_can_be_null=False)
    try:
        for batch in arrow.open_csv(file, reading, parsing, converting):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
    except pyarrow.ArrowInvalid as error:
        raise ShrumpError(f"{path}: {_explain(str(error))}") from None


def _check_header(path: Path, columns: Sequence[str]) -> None:
    """Every column that is needed stands in the first row, once."""
    with open(path, encoding="utf-8-sig") as file:
        header = next(csv.reader([file.readline(LONGEST)]), [])
    for name in columns:
        if header.count(name) != 1:
            fault = "appears twice" if name in header else "is missing"
            found = ", ".join(filter(None, header))[:200]
            raise ShrumpError(f"{path}: column {name} {fault} (columns: {found}): is it the right file?")


def _explain(message: str) -> str:
    """Arrow's complaint in one line of ours."""
    first = message.splitlines()[0].removeprefix("CSV parse error: ")
    if "straddling" in first or "out of sync" in first:
        return "a field does not end: a quote is left open, or the last row is cut off; fetch the file again"
    return f"{first[:160]}: the row is damaged or cut off; mend it, or fetch the file again"


def _read_jsonl(path: Path, file: BinaryIO, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield tuple(_as_text(row[name]) for name in columns)
        except ValueError:
            raise ShrumpError(f"{path}: line {number} is not JSON: the file is damaged or cut off") from None
        except (KeyError, TypeError):
            raise ShrumpError(f"{path}: line {number} lacks one of the fields {', '.join(columns)}") from None


def _as_text(value: object) -> str:
    return "" if value is None else str(value)


def _read_lines(path: Path, file: BinaryIO, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    if len(columns) > 1:
        raise ShrumpError(f"{path} is plain text and has no column {columns[1]}: give a CSV, or name no such column")
    for line in _lines(file):
        if line.strip():
            yield (line.strip(),)


def _lines(file: BinaryIO) -> Iterator[str]:
    return (line.decode("utf-8-sig") for line in file)
