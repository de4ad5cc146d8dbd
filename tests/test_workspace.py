"""Files are written whole or not at all."""

import json

import pytest

from shrump.errors import ShrumpError
from shrump.workspace import read_json, replacing, sha256, write_json, write_text


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path):
    file = tmp_path / "a.txt"
    write_text(file, "old")
    with pytest.raises(RuntimeError), replacing(file) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert file.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_is_replaced_whole(tmp_path):
    for content in ("old", "new"):
        with replacing(tmp_path / "model") as temporary:
            temporary.mkdir()
            (temporary / content).write_text(content)
    assert [item.name for item in (tmp_path / "model").iterdir()] == ["new"]
    assert [item.name for item in tmp_path.iterdir()] == ["model"]


def test_every_json_opens_with_where_it_comes_from(tmp_path, tiny, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    write_json(tmp_path / "a.json", "scores", tiny, {"b": "2", "a": "1"}, {"models": {}})
    content = json.loads((tmp_path / "a.json").read_text())
    assert list(content) == ["schema", "recipe", "created", "versions", "seed", "inputs", "models"]
    assert (content["created"], content["recipe"], content["inputs"]) == ("1970-01-02", "sample", {"a": "1", "b": "2"})


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"schema": "shrump/other/1"}'])
def test_a_json_that_is_not_ours_is_refused_in_one_line(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(ShrumpError, match="a.json .*: run it again"):
        read_json(tmp_path / "a.json", "scores", "run it again")


def test_a_folder_hash_sees_names_and_contents(tmp_path):
    hashes = set()
    for name, content in (("a", "1"), ("a", "2"), ("b", "2")):
        folder = tmp_path / f"{name}{content}"
        folder.mkdir()
        (folder / name).write_text(content)
        hashes.add(sha256(folder))
    assert len(hashes) == 3
