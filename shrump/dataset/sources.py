"""The raw files, and one reader per published format: rows of a file in, texts with their groups out."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from shrump.dataset.cleaning import is_quotation, is_retweet
from shrump.dataset.cutting import cut_lines
from shrump.dataset.fetching import cache_folder, fetch_raw
from shrump.dataset.tables import read_rows
from shrump.errors import ShrumpError
from shrump.recipe import PROJECT, Cleaning, Recipe, Source


class RawText(NamedTuple):
    """A text as it was found; texts of one ``group`` stay together, and "" is a group of its own."""

    text: str
    group: str
    genre: str


def raw_files(recipe: Recipe) -> list[Path]:
    """The raw files that the recipe reads: authors, Other, and the quiz last.

    Raises `ShrumpError` where the folder or a file that is not optional is missing.
    """
    folder = raw_folder(recipe)
    files = []
    for source in (*recipe.dataset.authors, *recipe.dataset.other):
        path = folder / source.file
        if path.is_file():
            files.append(path)
        elif not source.optional:
            raise _missing(path)
    quiz = folder / recipe.answers.file
    if not quiz.is_file():
        raise _missing(quiz)
    return [*dict.fromkeys(files), quiz]


def _missing(path: Path) -> ShrumpError:
    return ShrumpError(f"{path} is missing: place it there (see Dataset/README.md), or give another --raw")


def raw_folder(recipe: Recipe) -> Path:
    """The folder of raw files; a relative one is looked for here and then in the project.

    Where the recipe names none, the public files are fetched into the user's cache, once.
    """
    if not recipe.raw:
        sources = (*recipe.dataset.authors, *recipe.dataset.other)
        folder = cache_folder()
        fetch_raw([*dict.fromkeys(source.file for source in sources), recipe.answers.file], folder)
        return folder
    for folder in (Path(recipe.raw), PROJECT / recipe.raw):
        if folder.is_dir():
            return folder
    raise ShrumpError(f"the raw folder {recipe.raw} does not exist: give another with --raw (or SHRUMP_RAW)")


def read_source(path: Path, source: Source, rules: Cleaning, dropped: Counter) -> Iterator[RawText]:
    """The texts of one file; what a format's own rules drop is counted in ``dropped``, in rows."""
    readers = {"plays": read_plays, "tweets": read_tweets, "plain": read_plain}
    count = 0
    for text in readers[source.reader](path, source, rules, dropped):
        count += 1
        yield text
    if not count:
        raise ShrumpError(f"{path} holds no text that the cleaning rules let pass: is it the right file?")


def read_plays(path: Path, source: Source, rules: Cleaning, dropped: Counter) -> Iterator[RawText]:
    """Speeches of plays, from a file with one printed line a row.

    A speech is a run of rows with the same play, speech number and player; a row without ``ActSceneLine``
    is a stage direction, and may stand inside a speech.
    """
    columns = ("Play", "PlayerLinenumber", "Player", "PlayerLine", "ActSceneLine")

    def lines() -> Iterator[tuple[str, ...]]:
        for row in read_rows(path, columns):
            if rules.stage_directions and not row[4]:
                dropped["stage_directions"] += 1
            else:
                yield row

    if not rules.speeches:
        yield from (RawText(row[3], row[0], "") for row in lines())
        return
    for (play, _, _), rows in groupby(lines(), key=itemgetter(0, 1, 2)):
        for piece in cut_lines([row[3].strip() for row in rows], rules.max_words):
            yield RawText(piece, play, "")


def read_tweets(path: Path, source: Source, rules: Cleaning, dropped: Counter) -> Iterator[RawText]:
    """One person's own tweets, grouped by week; retweets and quoted tweets are other people's words."""
    weeks: dict[str, str] = {}
    for number, (date, text) in enumerate(read_rows(path, ("Date", "Tweet_Text")), start=1):
        if rules.retweets and is_retweet(text):
            dropped["retweets"] += 1
        elif rules.quotes and is_quotation(text):
            dropped["quotes"] += 1
        else:
            if date not in weeks:
                weeks[date] = _week(date, path, number)
            yield RawText(text, weeks[date], "")


def _week(date: str, path: Path, number: int) -> str:
    try:
        return datetime.strptime(date, "%y-%m-%d").strftime("%G-W%V")
    except ValueError:
        raise ShrumpError(f"{path}: row {number} has the Date {date[:20]!r}, not one like 16-11-08") from None


def read_plain(path: Path, source: Source, rules: Cleaning, dropped: Counter) -> Iterator[RawText]:
    """Texts of a CSV, JSONL or text file, with the columns that the source names."""
    named = [name for name in (source.text, source.group, source.genre) if name]
    columns = list(dict.fromkeys(named))
    group = columns.index(source.group) if source.group else None
    genre = columns.index(source.genre) if source.genre else None
    for row in read_rows(path, columns):
        yield RawText(
            row[0], "" if group is None else row[group], source.name if genre is None else row[genre] or source.name
        )
