"""Files of texts in every format, labelled in order; damaged ones refused in one line."""

import csv
import io
import json

import pytest

from shrump.errors import ShrumpError
from shrump.evaluation import classify
from shrump.evaluation.classify import classify_stream, read_texts

TEXTS = ["thou art my love", 'he said "so, big"', "two\nlines", "ünï😀"]


def run(file, judged):
    out = io.StringIO()
    classify_stream(str(file), judged.classifier, out)
    return list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))


def as_csv(texts):
    held = io.StringIO()
    csv.writer(held).writerows([["id", "text"], *enumerate(texts)])
    return held.getvalue()


def as_jsonl(texts):
    return "".join(json.dumps({"text": text}) + "\n\n" for text in texts)


@pytest.mark.parametrize(("suffix", "write"), [(".csv", as_csv), (".jsonl", as_jsonl), ("", as_csv), ("", as_jsonl)])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_texts_come_back_in_order_with_probabilities(tmp_path, judged, monkeypatch, suffix, write, mark):
    monkeypatch.setattr(classify, "_BLOCK", 3)  # texts on both sides of a block's end
    file = tmp_path / f"texts{suffix}"
    file.write_bytes((mark + write(TEXTS)).encode())
    rows = run(file, judged)
    assert [row["text"] for row in rows] == TEXTS
    assert list(rows[0]) == ["text", "author", "p_shakespeare", "p_trump", "p_other"]
    for row in rows:
        shares = [float(row[name]) for name in ("p_shakespeare", "p_trump", "p_other")]
        assert sum(shares) == pytest.approx(1, abs=2e-4)
        assert row["author"] == ["Shakespeare", "Trump", "Other"][shares.index(max(shares))]


def test_plain_text_is_one_text_a_line(tmp_path, judged):
    file = tmp_path / "texts.txt"
    file.write_bytes(b"thou art my love\r\n\r\n  we will win so big  ")
    assert [(row["text"], row["author"]) for row in run(file, judged)] == [
        ("thou art my love", "Shakespeare"),
        ("we will win so big", "Trump"),
    ]


def test_no_text_gives_the_header_alone(tmp_path, judged):
    (tmp_path / "none.txt").write_text("")
    assert run(tmp_path / "none.txt", judged) == []


@pytest.mark.parametrize(
    ("suffix", "content", "message"),
    [
        (".csv", "a,b\n1,2\n", r"has no column text \(columns: a, b\)"),
        (".csv", "", "has no column text"),
        (".csv", "id,text\n1\n", "line 2 ends before the column text"),
        (".csv", 'text\n"open', "damaged CSV"),
        (".jsonl", '{"text": "a"}\n{"text', "line 2 is not JSON"),
        (".jsonl", '{"title": "a"}\n', "line 1 has no field text"),
        (".jsonl", '{"text": 3}\n', "line 1 has a text that is no text"),
        (".txt", "x" * 101, "line 1 is longer than 100 characters"),
    ],
)
def test_a_damaged_file_is_refused(monkeypatch, suffix, content, message):
    monkeypatch.setattr(classify, "_LONGEST", 100)
    with pytest.raises(ShrumpError, match=message):
        list(read_texts(io.StringIO(content, newline=""), suffix, "file"))


def test_a_file_that_cannot_be_read_writes_nothing(tmp_path, judged):
    (tmp_path / "latin.txt").write_bytes(b"\xe9t\xe9")
    for name, message in (("latin.txt", "not UTF-8"), ("none.txt", "cannot be read")):
        out = io.StringIO()
        with pytest.raises(ShrumpError, match=message):
            classify_stream(str(tmp_path / name), judged.classifier, out)
        assert out.getvalue() == ""
