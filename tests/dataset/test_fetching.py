"""Fetching, against local folders in the publishers' formats: no network is asked for anything."""

import csv
import json

import kagglehub
import pandas as pd
import pytest

from shrump.dataset import catalogue, fetching
from shrump.dataset.build import build_dataset
from shrump.dataset.catalogue import Book, HubTexts, KaggleFile
from shrump.dataset.fetching import MANIFEST, fetch_raw
from shrump.errors import ShrumpError
from tests.dataset.conftest import GENRES, NEWS, PLAYS, QUIZ, TWEETS


@pytest.fixture
def published(made_raw, tmp_path, monkeypatch):
    """Every public set as a local folder, and the catalogue that points there; counts the Kaggle downloads."""
    for name, file in (("news", NEWS), ("genres", GENRES)):
        (tmp_path / name).mkdir()
        pd.read_csv(made_raw / file).to_parquet(tmp_path / name / "train-00000-of-00001.parquet")
    (tmp_path / "mmlu").mkdir()
    quiz = pd.read_json(made_raw / QUIZ, lines=True)
    quiz.to_parquet(tmp_path / "mmlu" / "validation-00000-of-00001.parquet")
    asked = []

    def download(handle, path):
        asked.append(path)
        return str(made_raw / path)

    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setattr(kagglehub, "dataset_download", download)
    monkeypatch.setattr(catalogue, "KAGGLE", {name: KaggleFile("a/b") for name in (PLAYS, TWEETS)})
    monkeypatch.setattr(catalogue, "NEWS_COMMENTARY", HubTexts(str(tmp_path / "news"), "main", "english"))
    monkeypatch.setattr(catalogue, "MMLU", HubTexts(str(tmp_path / "mmlu"), "main", "question", "validation"))
    genres = tuple(HubTexts(str(tmp_path / "genres"), "main", "text", genre=genre) for genre in ("a", "b"))
    monkeypatch.setattr(catalogue, "OTHER_GENRES", genres)
    return asked


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_all_files_are_fetched_once_in_their_published_formats(published, made_raw, tmp_path):
    folder = tmp_path / "cache"
    for _ in range(2):
        fetch_raw([PLAYS, TWEETS, NEWS, GENRES, QUIZ], folder)
    assert published == [PLAYS, TWEETS]
    assert (folder / PLAYS).read_bytes() == (made_raw / PLAYS).read_bytes()
    assert [row["english"] for row in read(folder / NEWS)] == [row["english"] for row in read(made_raw / NEWS)]
    assert {row["genre"] for row in read(folder / GENRES)} == {"a", "b"}
    assert json.loads((folder / QUIZ).read_text())["subject"] == "s"
    assert set(json.loads((folder / MANIFEST).read_text())) == {PLAYS, TWEETS, NEWS, GENRES, QUIZ}


def test_a_dataset_is_made_from_what_was_fetched(published, recipe_of, place, tmp_path, monkeypatch):
    monkeypatch.setenv("SHRUMP_CACHE", str(tmp_path / "cache"))
    build_dataset(recipe_of(""), place)
    assert place.dataset_json.is_file()


def test_a_cut_keeps_what_was_fetched(published, tmp_path, monkeypatch):
    folder, stream = tmp_path / "cache", fetching._stream
    good, bad = catalogue.OTHER_GENRES

    def break_off(source):
        if source is bad:
            raise ConnectionError("no route")
        return stream(source)

    monkeypatch.setattr(fetching, "_stream", break_off)
    with pytest.raises(
        ShrumpError, match=r"other_genres.csv cannot be fetched \(no route\): try again online, or place"
    ):
        fetch_raw([GENRES], folder)
    assert [file.name for file in (folder / "genres").iterdir()] == ["a.csv"]
    asked = []
    monkeypatch.setattr(fetching, "_stream", lambda source: (asked.append(source), stream(source))[1])
    fetch_raw([GENRES], folder)
    assert asked == [bad]


def test_a_file_that_changed_is_refused(published, tmp_path):
    fetch_raw([TWEETS], tmp_path / "cache")
    with open(tmp_path / "cache" / TWEETS, "a") as file:
        file.write("more\n")
    with pytest.raises(ShrumpError, match="is not the published file"):
        fetch_raw([TWEETS], tmp_path / "cache")


def test_a_fixed_checksum_is_checked(published, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "KAGGLE", {TWEETS: KaggleFile("a/b", "0" * 64)})
    with pytest.raises(ShrumpError, match="not 000000000000"):
        fetch_raw([TWEETS], tmp_path / "cache")


def test_the_real_tweets_are_the_publishers_file(real):
    assert fetching.sha256(real / TWEETS) == catalogue.KAGGLE[TWEETS].sha256


def test_a_private_file_cannot_be_fetched(tmp_path):
    with pytest.raises(ShrumpError, match="mine.csv is in no public set: give the folder"):
        fetch_raw(["mine.csv"], tmp_path)


def test_a_book_is_its_paragraphs_without_the_publishers_words(monkeypatch):
    import io
    import urllib.request

    book = "Notice\r\n*** START OF THE BOOK ***\r\nOne\r\nline.\r\n\r\nTwo.\r\n*** END OF THE BOOK ***\r\nLicence"
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: io.BytesIO(book.encode()))
    assert [text for text in fetching._read_book(Book(1, "a")) if text] == ["One line.", "Two."]


def test_at_least_eight_public_sets_are_pinned():
    pinned = [source for source in catalogue.OTHER_GENRES if isinstance(source, HubTexts)]
    assert len(pinned) >= 8
    for source in (*pinned, catalogue.MMLU, catalogue.NEWS_COMMENTARY):
        assert len(source.revision) == 40
