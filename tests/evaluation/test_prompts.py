"""The same prompts for every model: stratified, seeded, and refused in one line where the file is not a quiz."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from shrump.errors import ShrumpError
from shrump.evaluation.prompts import allocate, read_prompts
from shrump.recipe import AnswersRecipe

SETTINGS = AnswersRecipe(prompts=10)


@pytest.fixture
def quiz(tmp_path):
    """A hundred questions over three subjects: 60, 30 and 10."""
    subjects = ["algebra"] * 60 + ["botany"] * 30 + ["chess"] * 10
    rows = [{"question": f"Q{n}?", "subject": s, "choices": ["x", "y"]} for n, s in enumerate(subjects, start=1)]
    return write(tmp_path / "quiz.jsonl", *map(json.dumps, rows))


def write(file, *rows):
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


def test_subjects_are_drawn_in_proportion(quiz):
    drawn = read_prompts(quiz, SETTINGS, seed=7)
    assert Counter(prompt.subject for prompt in drawn) == {"algebra": 6, "botany": 3, "chess": 1}
    assert all(prompt.text == f"Q{prompt.prompt_id}?" for prompt in drawn)
    assert [prompt.prompt_id for prompt in drawn] == sorted({prompt.prompt_id for prompt in drawn})


def test_a_seed_draws_the_same_prompts_and_another_seed_others(quiz):
    assert read_prompts(quiz, SETTINGS, 7) == read_prompts(quiz, SETTINGS, 7) != read_prompts(quiz, SETTINGS, 8)


def test_all_are_taken_where_there_are_fewer(quiz):
    assert len(read_prompts(quiz, replace(SETTINGS, prompts=154), 7)) == 100


def test_options_stand_below_the_question(quiz):
    assert read_prompts(quiz, replace(SETTINGS, options=True), 7)[0].text.endswith("?\nA. x\nB. y")


@pytest.mark.parametrize(
    ("sizes", "count", "shares"),
    [
        ([60, 30, 10], 10, [6, 3, 1]),
        ([98, 1, 1], 3, [1, 1, 1]),  # each one first
        ([98, 1, 1], 4, [2, 1, 1]),
        ([5, 3], 1, [1, 0]),
        ([2, 2], 9, [2, 2]),
    ],
)
def test_allocation(sizes, count, shares):
    assert allocate(sizes, count) == shares


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"question": "Why', "row 2 is not JSON"),
        ('{"subject": "botany"}', "row 2 lacks 'question'"),
        ("[1, 2]", "row 2 lacks"),
        ('{"question": " ", "subject": "botany"}', "row 2 holds no question"),
        ('{"question": 3, "subject": "botany"}', "row 2 holds no question"),
    ],
)
def test_a_bad_row_is_named(tmp_path, row, message):
    quiz = write(tmp_path / "quiz.jsonl", '{"question": "Why?", "subject": "botany"}', row)
    with pytest.raises(ShrumpError, match=message):
        read_prompts(quiz, SETTINGS, 7)


def test_a_file_that_is_no_quiz_is_refused(tmp_path):
    with pytest.raises(ShrumpError, match="cannot be read"):
        read_prompts(tmp_path / "none.jsonl", SETTINGS, 7)
    with pytest.raises(ShrumpError, match="holds no question"):
        read_prompts(write(tmp_path / "empty.jsonl"), SETTINGS, 7)
    (tmp_path / "latin.jsonl").write_bytes(b'{"question": "\xe9"}')
    with pytest.raises(ShrumpError, match="not UTF-8"):
        read_prompts(tmp_path / "latin.jsonl", SETTINGS, 7)


def test_the_real_quiz_gives_154_prompts_over_all_57_subjects(real):
    drawn = read_prompts(real / "mmlu_validation.jsonl", AnswersRecipe(), 7)
    assert len(drawn) == 154
    assert len({prompt.subject for prompt in drawn}) == 57
