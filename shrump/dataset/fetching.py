"""Fetching the public raw files once, into a folder of this user's cache, in the formats that the readers know."""

import csv
import itertools
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from shrump import progress
from shrump.dataset import catalogue
from shrump.dataset.catalogue import Book, HubTexts
from shrump.dataset.cutting import count_words, cut_text
from shrump.errors import ShrumpError
from shrump.workspace import replacing, sha256, write_text

MANIFEST = "fetched.json"
_NEWS_TEXTS = 40_000
_GENRE_TEXTS = 1500  # of each genre
_LONGEST = 60  # words of a text of another genre
_BOOK = "https://www.gutenberg.org/cache/epub/{number}/pg{number}.txt"
_BOOK_BODY = re.compile(r"\*\*\* ?START OF.*?\*\*\*(.*)\*\*\* ?END OF", re.DOTALL)


def cache_folder() -> Path:
    """Where fetched raw files live: ``raw`` in SHRUMP_CACHE, or in ``~/.cache/shrump``."""
    return Path(os.environ.get("SHRUMP_CACHE") or Path.home() / ".cache" / "shrump") / "raw"


def fetch_raw(files: Sequence[str], folder: Path) -> None:
    """Fetch those of ``files`` that ``folder`` lacks; what was fetched before a cut stays.

    Each file's sha256 is recorded in ``fetched.json`` and checked from then on. Raises `ShrumpError` for a file
    that is in no public set, that cannot be fetched, or that is not what was recorded.
    """
    makers: dict[str, Callable[[Path], None]] = {name: _fetch_kaggle for name in catalogue.KAGGLE}
    makers |= {catalogue.NEWS: _fetch_news, catalogue.GENRES: _fetch_genres, catalogue.QUIZ: _fetch_quiz}
    for name in files:
        path = folder / name
        if name not in makers:
            raise ShrumpError(f"{name} is in no public set: give the folder that holds it with --raw (or SHRUMP_RAW)")
        if not path.is_file():
            _attempt(makers[name], path)
        _check(path)


def _attempt(make: Callable[[Path], None], path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        make(path)
    except ShrumpError:
        raise
    except Exception as error:  # three libraries and the network: whatever went wrong, the remedy is the same
        told = str(error)
        reason = told if 0 < len(told) < 80 and "\n" not in told else type(error).__name__
        raise ShrumpError(
            f"{path.name} cannot be fetched ({reason}): try again online, or place it in {path.parent} by hand "
            "(Dataset/README.md says where each file comes from)"
        ) from None


def _check(path: Path) -> None:
    """Compare a file with the hash that its publisher fixed, or that was recorded when it was fetched."""
    file = path.parent / MANIFEST
    recorded = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    fixed = catalogue.KAGGLE[path.name].sha256 if path.name in catalogue.KAGGLE else ""
    found = sha256(path)
    expected = fixed or recorded.setdefault(path.name, found)
    if found != expected:
        raise ShrumpError(f"{path} is not the published file (sha256 {found[:12]}, not {expected[:12]}): delete it")
    recorded[path.name] = found
    write_text(file, json.dumps(recorded, indent=2, sort_keys=True) + "\n")


def _fetch_kaggle(path: Path) -> None:
    import kagglehub

    found = kagglehub.dataset_download(catalogue.KAGGLE[path.name].set, path=path.name)
    with replacing(path) as temporary:
        shutil.copyfile(found, temporary)


def _fetch_news(path: Path) -> None:
    source = catalogue.NEWS_COMMENTARY
    texts = itertools.islice(_stream_texts(source), _NEWS_TEXTS)
    _write_rows(path, ("english", "source"), ([text, source.set] for text in texts), _NEWS_TEXTS)


def _fetch_quiz(path: Path) -> None:
    fields = ("question", "subject", "choices", "answer")
    lines = [json.dumps({name: row[name] for name in fields}) for row in _stream(catalogue.MMLU)]
    write_text(path, "\n".join(lines) + "\n")


def _fetch_genres(path: Path) -> None:
    """Every set in a file of its own first, so that a cut costs one set and not all."""
    parts = []
    for source in catalogue.OTHER_GENRES:
        part = path.parent / "genres" / f"{source.genre}.csv"
        parts.append(part)
        if not part.is_file():
            texts = _read_book(source) if isinstance(source, Book) else _stream_texts(source)
            passages = itertools.islice(_take_passages(texts), _GENRE_TEXTS)
            name = f"Project Gutenberg {source.number}" if isinstance(source, Book) else source.set
            _write_rows(
                part, ("text", "genre", "source"), ([text, source.genre, name] for text in passages), _GENRE_TEXTS
            )
    bodies = [part.read_text(encoding="utf-8") for part in parts]
    write_text(path, bodies[0] + "".join(body.split("\n", 1)[1] for body in bodies[1:]))


def _stream(source: HubTexts) -> Iterator[dict]:
    import datasets
    from huggingface_hub.utils import logging

    datasets.disable_progress_bars()
    logging.set_verbosity_error()
    yield from datasets.load_dataset(
        source.set, source.config or None, split=source.split, revision=source.revision, streaming=True
    )


def _stream_texts(source: HubTexts) -> Iterator[str]:
    return (" ".join(str(row[source.column] or "").split()) for row in _stream(source))


def _read_book(book: Book) -> Iterator[str]:
    from urllib.request import urlopen

    with urlopen(_BOOK.format(number=book.number), timeout=60) as answer:
        content = answer.read().decode("utf-8-sig").replace("\r\n", "\n")
    body = _BOOK_BODY.search(content)
    return (" ".join(paragraph.split()) for paragraph in (body[1] if body else content).split("\n\n"))


def _take_passages(texts: Iterable[str]) -> Iterator[str]:
    """From the middle of each text one passage of whole sentences; headings and scraps are left out."""
    for text in texts:
        pieces = cut_text(text, _LONGEST)
        passage = pieces[len(pieces) // 2]
        if count_words(passage) >= 8:
            yield passage


def _write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], total: int) -> None:
    bar = progress.bar(total, f"fetching {path.name[:15]}", "texts")
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file, bar:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow(row)
            bar.update(1)
