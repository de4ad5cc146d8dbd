"""The datasets that a run writes keep every promise that the data card makes."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pyarrow
import pytest

from shrump.dataset.balancing import LENGTH_STEP
from shrump.dataset.build import build_dataset
from shrump.dataset.cleaning import neutralise_cues
from shrump.dataset.cues import cue_only_macro_f1
from shrump.dataset.cutting import count_words
from shrump.dataset.duplicates import find_duplicates
from shrump.dataset.sources import raw_files
from shrump.errors import ShrumpError
from shrump.recipe import PROJECT
from shrump.workspace import SPLITS, Workspace


def read(path):
    return pd.read_csv(path, keep_default_na=False)


def read_all(place):
    """Every row of every file, with the file's name."""
    files = [place.finetuning_dataset(split) for split in SPLITS] + [
        place.integrated_dataset(split) for split in SPLITS
    ]
    files += [place.neutral_dataset(split) for split in ("train", "validation")]
    return pd.concat([read(file).assign(file=file.name) for file in files], ignore_index=True)


def about(place):
    return json.loads(place.dataset_json.read_text())


def check_promises(place, recipe):
    """What issue after issue relies on, whatever the raw text."""
    content, rows = about(place), read_all(place)
    check_no_duplicates(rows)
    check_balance(content, recipe)
    check_lengths(place, recipe)
    check_account(content)
    for split in SPLITS:
        assert list(read(place.finetuning_dataset(split)).columns) == ["text", "author"]
        assert set(read(place.integrated_dataset(split)).author) == set(recipe.labels)
    assert (
        rows.text.map(count_words).between(recipe.dataset.cleaning.min_words, recipe.dataset.cleaning.max_words).all()
    )
    for groups in content["groups"].values():
        names = [name for part in groups.values() for name in part]
        assert len(names) == len(set(names))


def check_no_duplicates(rows):
    texts = pyarrow.chunked_array([pyarrow.array(rows.text.tolist(), pyarrow.large_string())])
    exact, near = find_duplicates(texts, 0.8)
    assert not exact.any()
    assert not near.any()


def check_balance(content, recipe):
    for dataset, closeness in (("splits", 1.01), ("integrated", 1.1)):
        totals = [
            np.array([content[dataset][split][author]["tokens"] for split in SPLITS]) for author in recipe.authors
        ]
        sums = [tokens.sum() for tokens in totals]
        assert max(sums) / min(sums) < closeness
        for tokens in totals:
            assert np.abs(tokens / tokens.sum() - recipe.dataset.shares).max() < 0.015


def check_lengths(place, recipe):
    for split in SPLITS:
        rows = read(place.integrated_dataset(split))
        steps = rows.text.map(count_words) // LENGTH_STEP
        shares = pd.crosstab(steps, rows.author, normalize="columns")
        assert (shares.max(axis=1) - shares.min(axis=1)).max() < 0.02


def check_account(content):
    """What was kept is in a dataset or unused."""
    for label, kept in content["kept"].items():
        used = sum(
            counts[label]["texts"]
            for dataset in ("splits", "integrated", "neutral")
            for counts in content[dataset].values()
            if label in counts
        )
        assert used + content["unused"].get(label, {"texts": 0})["texts"] == kept["texts"]


@pytest.mark.parametrize("seed", [7, 8])
def test_a_dataset_keeps_its_promises(made_raw, recipe_of, place, seed):
    recipe = recipe_of(made_raw, f"seed={seed}")
    build_dataset(recipe, place)
    check_promises(place, recipe)
    content = about(place)
    assert content["dropped"]["Shakespeare"]["stage_directions"] == 40
    assert content["dropped"]["Trump"] == content["dropped"]["Trump"] | {"retweets": 5, "quotes": 7}
    assert set(content["sources"]) == {path.name for path in raw_files(recipe)}
    assert set(read(place.integrated_dataset("train")).query("author == 'Other'").genre) == {
        "news",
        *(f"genre {number}" for number in range(6)),
    }


def test_the_sample_keeps_them_too(recipe_of, place):
    recipe = recipe_of(PROJECT / "Dataset" / "sample", name="sample")
    build_dataset(recipe, place)
    check_promises(place, recipe)


def test_the_real_text_keeps_them_too(real, recipe_of, place):
    recipe = recipe_of(real)
    build_dataset(recipe, place)
    check_promises(place, recipe)
    train, test = read(place.integrated_dataset("train")), read(place.integrated_dataset("test"))
    chance = 1 / len(recipe.labels)
    lead = cue_only_macro_f1(train, test) - chance
    neutral = [rows.assign(text=rows.text.map(neutralise_cues)) for rows in (train, test)]
    assert cue_only_macro_f1(*neutral) - chance < lead / 2


def test_the_same_seed_gives_the_same_bytes_and_another_other_texts(made_raw, recipe_of, tmp_path):
    places = [Workspace(tmp_path / name) for name in ("one", "two", "other")]
    for place, seed in zip(places, (7, 7, 8), strict=True):
        build_dataset(recipe_of(made_raw, f"seed={seed}"), place)
    contents = [
        {file.name: file.read_bytes() for file in sorted(place.root.rglob("*")) if file.is_file()} for place in places
    ]
    assert len(contents[0]) == 9
    assert contents[0] == contents[1]
    assert all(contents[0][name] != contents[2][name] for name in contents[0])


def test_a_random_split_may_share_texts_between_datasets_but_not_between_splits(made_raw, recipe_of, place):
    recipe = recipe_of(
        made_raw, "dataset.split='random'", "dataset.generator_share=1", "dataset.match_lengths=false",
        "dataset.other_share=0.25",
    )  # fmt: skip
    build_dataset(recipe, place)
    check_balance(about(place), recipe)
    for split in SPLITS:
        generator, integrated = read(place.finetuning_dataset(split)), read(place.integrated_dataset(split))
        assert set(generator.text) == set(integrated.text[integrated.author != "Other"])
        assert abs((integrated.author == "Other").mean() - 0.25) < 0.01
    check_no_duplicates(pd.concat([read(place.integrated_dataset(split)) for split in SPLITS]))


def test_a_missing_genre_file_is_no_fault(raw, recipe_of, place):
    (raw / "other_genres.csv").unlink()
    build_dataset(recipe_of(raw), place)
    assert set(read(place.integrated_dataset("test")).genre) == {"", "news"}


@pytest.mark.parametrize(
    "file", ["Shakespeare_data.csv", "Donald-Tweets!.csv", "other_news.csv", "mmlu_validation.jsonl"]
)
def test_a_missing_file_is_named_with_its_remedy(raw, recipe_of, place, file):
    (raw / file).unlink()
    with pytest.raises(ShrumpError, match=f"{file} is missing: place it there"):
        build_dataset(recipe_of(raw), place)


def damage(change):
    """A case that rewrites a file's bytes."""
    return lambda path: path.write_bytes(change(path.read_bytes()))


DAMAGES = {
    "encoding": (damage(lambda old: old + "16-01-01,1,caf\xe9 is now open,text,,\n".encode("latin-1")), "is not UTF-8"),
    "renamed": (damage(lambda old: old.replace(b"Tweet_Text", b"Words", 1)), "column Tweet_Text is missing"),
    "empty": (damage(lambda old: b""), "is empty"),
    "header only": (damage(lambda old: old.split(b"\n")[0] + b"\n"), "holds no text"),
    "truncated": (damage(lambda old: old[:-30]), "cut off"),
    "10 MB field": (damage(lambda old: old + b"16-01-01,1," + b"x" * 10**7 + b",text,,\n"), "a field does not end"),
    "NUL": (damage(lambda old: old.replace(b"text", b"te\0t", 40)), "NUL byte"),
    "header twice": (damage(lambda old: old.replace(b"Time", b"Date", 1)), "column Date appears twice"),
    "ten texts": (damage(lambda old: b"\n".join(old.split(b"\n")[:11]) + b"\n"), "Trump has too little clean text"),
    "dates": (damage(lambda old: old.replace(b"15-07-06", b"06/07/15")), "row 1 has the Date '06/07/15'"),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGES)
def test_damage_is_refused_in_one_line_and_an_earlier_dataset_stays(raw, recipe_of, place, case):
    recipe = recipe_of(raw)
    build_dataset(recipe, place)
    before = {file: file.read_bytes() for file in place.root.rglob("*") if file.is_file()}
    spoil, complaint = DAMAGES[case]
    spoil(raw / "Donald-Tweets!.csv")
    with pytest.raises(ShrumpError) as error:
        build_dataset(recipe, place)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)
    assert {file: file.read_bytes() for file in place.root.rglob("*") if file.is_file()} == before


def test_swapped_files_are_refused(raw, recipe_of, place):
    tweets, plays = raw / "Donald-Tweets!.csv", raw / "Shakespeare_data.csv"
    tweets.rename(raw / "swap")
    plays.rename(tweets)
    (raw / "swap").rename(plays)
    with pytest.raises(ShrumpError, match="Shakespeare_data.csv: column Play is missing .* is it the right file"):
        build_dataset(recipe_of(raw), place)


def test_windows_line_ends_change_nothing(raw, made_raw, recipe_of, tmp_path):
    for file in raw.glob("*.csv"):
        file.write_bytes(file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    places = [Workspace(tmp_path / name) for name in ("one", "two")]
    for place, folder in zip(places, (made_raw, raw), strict=True):
        build_dataset(recipe_of(folder), place)
    for split in SPLITS:
        one, two = (place.integrated_dataset(split).read_bytes() for place in places)
        assert one == two


def test_a_raw_folder_that_is_not_there(recipe_of, place):
    with pytest.raises(ShrumpError, match="the raw folder .* does not exist"):
        build_dataset(recipe_of("/nowhere"), place)


def test_the_labels_are_the_recipes_authors(made_raw, recipe_of, place):
    recipe = recipe_of(made_raw)
    bard, tweeter = recipe.dataset.authors
    renamed = (dataclasses.replace(bard, name="Bard"), dataclasses.replace(tweeter, name="Tweeter"))
    recipe = dataclasses.replace(recipe, dataset=dataclasses.replace(recipe.dataset, authors=renamed))
    build_dataset(recipe, place)
    assert set(read(place.finetuning_dataset("test")).author) == {"Bard", "Tweeter"}
