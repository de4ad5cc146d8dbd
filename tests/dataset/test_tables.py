"""Raw files are read as they are published, and refused in one line where they are damaged."""

import gzip
import zipfile

import pytest

from shrump.dataset.tables import LONGEST, read_rows
from shrump.errors import ShrumpError

GOOD = 'text,group\n"One, two",a\nthree,b\n'


def put(tmp_path, content, name="file.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD.removesuffix("\n"),
        'text,"group"\n"One, two",a\nthree,b\n',
        'group,more,text\na,,"One, two"\nb,,three\n',
        'group,text,,\na,"One, two",,\nb,three,,\n',
    ],
    ids=["plain", "windows", "mark", "no last newline", "quoted header", "other order", "nameless columns"],
)
def test_a_table_is_read_by_its_column_names(tmp_path, content):
    assert list(read_rows(put(tmp_path, content), ("text", "group"))) == [("One, two", "a"), ("three", "b")]


def test_a_field_may_hold_line_ends(tmp_path):
    assert list(read_rows(put(tmp_path, 'text\n"a\r\nb"\n'), ("text",))) == [("a\r\nb",)]


def test_what_looks_like_a_missing_value_or_a_number_is_text(tmp_path):
    assert list(read_rows(put(tmp_path, "text\nNA\nnull\n007\n"), ("text",))) == [("NA",), ("null",), ("007",)]


def test_jsonl_and_text_files_are_read(tmp_path):
    jsonl = put(tmp_path, '{"text": "a", "group": 1}\n\n{"group": null, "text": "b"}\n', "file.jsonl")
    assert list(read_rows(jsonl, ("text", "group"))) == [("a", "1"), ("b", "")]
    assert list(read_rows(put(tmp_path, "a\n\n  b \r\n", "file.txt"), ("text",))) == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (gzip.compress(GOOD.encode()), "is a gzip archive: unpack it"),
        (GOOD.encode("utf-16"), "is UTF-16: save it as UTF-8"),
        (b"text,group\na,b\ncaf\xe9,c\n", "line 3 is not UTF-8"),
        (b"text,group\na,b\nc\0,d\n", "line 3 holds a NUL byte"),
        ("words,group\na,b\n", "column text is missing (columns: words, group)"),
        ("text,text,group\na,b,c\n", "column text appears twice"),
        ("text,group\na,b\nc", "Expected 2 columns, got 1"),
        ("text,group\na,b\nc,d,e\n", "Expected 2 columns, got 3"),
        ('text,group\na,b\n"c', "cut off"),
        (f"text,group\na,b\n{'x' * 10_000_000},c\n", "a field does not end"),
        (f"text,group\na,b\n{'x' * (LONGEST + 1)},c\n", "row 2 holds a field of over 1,000,000 characters"),
    ],
    ids=["empty", "gzip", "utf-16", "latin-1", "nul", "renamed", "twice", "short", "long", "quote", "10 MB", "1 MB"],
)
def test_a_damaged_table_is_refused_in_one_line(tmp_path, content, complaint):
    path = put(tmp_path, content)
    with pytest.raises(ShrumpError) as error:
        list(read_rows(path, ("text", "group")))
    assert complaint in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_zip_is_refused(tmp_path):
    path = tmp_path / "file.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("file.csv", GOOD)
    with pytest.raises(ShrumpError, match="is a zip archive: unpack it"):
        list(read_rows(path, ("text",)))


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("file.jsonl", '{"text": "a"}\n{"text": "b', "line 2 is not JSON"),
        ("file.jsonl", '{"words": "a"}\n', "line 1 lacks one of the fields text"),
        ("file.jsonl", "[1]\n", "line 1 lacks"),
    ],
)
def test_a_damaged_jsonl_is_refused(tmp_path, name, content, complaint):
    with pytest.raises(ShrumpError, match=complaint):
        list(read_rows(put(tmp_path, content, name), ("text",)))


def test_plain_text_has_no_groups(tmp_path):
    with pytest.raises(ShrumpError, match="has no column book"):
        list(read_rows(put(tmp_path, "a\n", "file.txt"), ("text", "book")))
