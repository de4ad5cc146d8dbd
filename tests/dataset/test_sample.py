"""The bundled sample corpus: reproducible, large enough, in the published formats, and invented."""

import csv
import importlib.util
import json
import re
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "Dataset" / "sample"
REAL = ROOT.parent / "shared" / "raw"
SPEECHES, TWEETS, NEWS, GENRES, QUIZ = FILES = (
    "Shakespeare_data.csv", "Donald-Tweets!.csv", "other_news.csv", "other_genres.csv", "mmlu_validation.jsonl",
)  # fmt: skip
HEADERS = {
    SPEECHES: "Dataline,Play,PlayerLinenumber,ActSceneLine,Player,PlayerLine",
    TWEETS: "Date,Time,Tweet_Text,Type,Media_Type,Hashtags,Tweet_Id,Tweet_Url,"
    "twt_favourites_IS_THIS_LIKE_QUESTION_MARK,Retweets,,",
    NEWS: "english,source",
    GENRES: "text,genre,source",
}


def table(name, folder=SAMPLE):
    """The rows of a CSV file as dictionaries."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def quiz(folder=SAMPLE):
    """The questions."""
    return [json.loads(line) for line in (folder / QUIZ).read_text(encoding="utf-8").strip().split("\n")]


def printed_lines(rows):
    """The rows of speeches, without stage directions."""
    return [row for row in rows if row["ActSceneLine"] and row["Player"] != "Stage Directions"]


def test_composing_again_gives_the_same_bytes(tmp_path):
    spec = importlib.util.spec_from_file_location("compose", SAMPLE / "compose.py")
    compose = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(compose)
    compose.compose(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (SAMPLE / name).read_bytes(), name


def test_under_three_megabytes():
    assert sum(path.stat().st_size for path in SAMPLE.iterdir() if path.is_file()) < 3_000_000


@pytest.mark.parametrize("name", HEADERS)
def test_header_is_the_published_one(name):
    first = (SAMPLE / name).read_bytes().split(b"\r\n")[0].decode()
    assert first == HEADERS[name]
    if (REAL / name).exists():
        assert (REAL / name).read_bytes().split(b"\r\n")[0].decode() == first


def test_enough_speeches():
    rows = printed_lines(table(SPEECHES))
    heads = [(row["Play"], row["PlayerLinenumber"], row["Player"]) for row in rows]
    speeches = sum(1 for _ in groupby(heads))
    assert speeches >= 2_900
    assert len({row["Play"] for row in rows}) >= 40


def test_stage_directions_have_the_published_shapes():
    rows = table(SPEECHES)
    directions = [row for row in rows if not row["ActSceneLine"]]
    assert {row["PlayerLine"].split()[0] for row in directions} >= {"ACT", "SCENE", "Enter", "Exeunt", "Aside"}
    assert directions[0]["PlayerLinenumber"] == ""
    players = Counter(row["Player"] == "Stage Directions" for row in directions)
    assert players[True] > players[False] > 0


def test_enough_tweets_and_every_kind_of_mess():
    rows = table(TWEETS)
    own = [row for row in rows if not re.match(r'RT @|"@', row["Tweet_Text"])]
    assert len(rows) >= 3_200 and len(own) > 2_600
    assert {row["Tweet_Url"] for row in rows} == {"invented"}
    assert len({row["Date"] for row in rows}) > 70 * 6
    assert [row["Date"] for row in rows] == sorted((row["Date"] for row in rows), reverse=True)
    everything = "\n".join(row["Tweet_Text"] for row in rows)
    for mess in ("&amp;", "&gt;", "\ufffd\u06ea", "\ufffd\ufffd_", "â€™", "\r\n", "https://t.co/", "RT @", '"@', "#"):
        assert everything.count(mess) >= 10, mess


def test_enough_other_texts():
    news, genres = table(NEWS), table(GENRES)
    assert len(news) >= 2_700 and all(row["source"].startswith("invented") for row in news)
    assert len(genres) >= 800 and {row["source"] for row in genres} == {"invented"}
    assert len({row["genre"] for row in genres}) >= 8
    assert len({row["english"] for row in news}) == len(news)


def test_quiz_is_well_formed():
    questions = quiz()
    assert len(questions) >= 160 and len({question["subject"] for question in questions}) >= 16
    assert len({question["question"] for question in questions}) == len(questions)
    for question in questions:
        assert list(question) == ["question", "subject", "choices", "answer"]
        assert len(set(question["choices"])) == 4 and question["answer"] in range(4)


def words(text):
    """A text as lower-case words."""
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


def sayings(folder):
    """Every printed line, tweet, sentence, text and question of eight or more words."""
    texts = [row["PlayerLine"] for row in table(SPEECHES, folder)]
    texts += [row["Tweet_Text"] for row in table(TWEETS, folder)]
    texts += [row["english"] for row in table(NEWS, folder)] + [row["text"] for row in table(GENRES, folder)]
    texts += [question["question"] for question in quiz(folder)]
    return {line for text in texts if (line := words(text)).count(" ") >= 7}


@pytest.mark.skipif(not all((REAL / name).exists() for name in FILES), reason="no real text beside this checkout")
def test_no_line_of_the_real_files():
    assert not sayings(SAMPLE) & sayings(REAL)
