"""The readers of the published formats, on a few rows each."""

from collections import Counter

import pytest

from shrump.dataset.sources import RawText, read_source
from shrump.errors import ShrumpError
from shrump.recipe import Cleaning, Source

PLAY = """Dataline,Play,PlayerLinenumber,ActSceneLine,Player,PlayerLine
1,Hero,,,Stage Directions,ACT I
2,Hero,1,1.1.1,ANNA,"Who comes so late,"
3,Hero,1,,ANNA,Enter BERTO
4,Hero,1,1.1.2,ANNA,and who goes?
5,Hero,2,1.1.3,BERTO,"A friend, a friend."
6,Hero,2,1.1.4,CARLO,A foe!
7,Leander,2,1.1.1,CARLO,Who is there?
"""
TWEETS = '''Date,Time,Tweet_Text,Type,,
16-01-03,1:00:00,"Sunday, and it is great",text,,
16-01-04,1:00:00,Monday is great too,text,,
16-01-05,1:00:00,RT @a: So it is,text,,
16-01-05,1:00:00,"""@a: So it is"" Thanks",text,,
'''


def read(tmp_path, content, source, **rules):
    (tmp_path / source.file).write_text(content)
    dropped = Counter()
    return list(read_source(tmp_path / source.file, source, Cleaning(**rules), dropped)), dict(dropped)


def test_lines_become_speeches_across_stage_directions(tmp_path):
    texts, dropped = read(tmp_path, PLAY, Source("A", "plays.csv", "plays"))
    assert texts == [
        RawText("Who comes so late, and who goes?", "Hero", ""),
        RawText("A friend, a friend.", "Hero", ""),
        RawText("A foe!", "Hero", ""),
        RawText("Who is there?", "Leander", ""),
    ]
    assert dropped == {"stage_directions": 2}


def test_lines_and_stage_directions_may_stay(tmp_path):
    texts, dropped = read(tmp_path, PLAY, Source("A", "plays.csv", "plays"), speeches=False, stage_directions=False)
    assert len(texts) == 7
    assert dropped == {}


def test_tweets_come_by_week_and_other_peoples_are_dropped(tmp_path):
    texts, dropped = read(tmp_path, TWEETS, Source("A", "tweets.csv", "tweets"))
    assert texts == [RawText("Sunday, and it is great", "2015-W53", ""), RawText("Monday is great too", "2016-W01", "")]
    assert dropped == {"retweets": 1, "quotes": 1}
    assert len(read(tmp_path, TWEETS, Source("A", "tweets.csv", "tweets"), retweets=False, quotes=False)[0]) == 4


def test_plain_columns_are_named_by_the_source(tmp_path):
    content = "words,book,kind\na,b,letters\nc,d,\n"
    source = Source("A", "plain.csv", text="words", group="book", genre="kind")
    assert read(tmp_path, content, source)[0] == [RawText("a", "b", "letters"), RawText("c", "d", "A")]
    assert read(tmp_path, content, Source("A", "plain.csv", text="words"))[0] == [
        RawText("a", "", "A"),
        RawText("c", "", "A"),
    ]


def test_a_file_without_texts_is_the_wrong_file(tmp_path):
    with pytest.raises(ShrumpError, match="holds no text"):
        read(tmp_path, "text\n", Source("A", "plain.csv"))
