"""A recipe refuses what it does not know, and says which key."""

import pytest

from shrump.errors import ShrumpError
from shrump.recipe import load_recipe


def test_every_recipe_of_the_project_is_read():
    for name in ("sample", "small", "paper", "full"):
        recipe = load_recipe(name)
        assert recipe.name == name
        assert recipe.labels == ["Shakespeare", "Trump", "Other"]


def test_a_setting_overrides_the_file():
    recipe = load_recipe("sample", ["models.gpt2.epochs=1", "classifier.base=some/folder", "seed=3"])
    assert (recipe.models["gpt2"].epochs, recipe.classifier.base, recipe.seed) == (1.0, "some/folder", 3)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("models.gpt2.epoch=1", "sample.models.gpt2.epoch is not a known key: did you mean epochs?"),
        ("dataset.shares=[0.5, 0.5]", "sample.dataset.shares needs three positive numbers"),
        ("dataset.shares=[0.5, 0.4, 0.2]", "sample.dataset.shares must add up to 1"),
        ("seed='a'", "sample.seed must be a whole number, not 'a'"),
        ("seed=true", "sample.seed must be a whole number, not True"),
        ("models.gpt2.voices=1", "sample.models.gpt2.voices must be true or false, not 1"),
        ("answers.seeds=1", "sample.answers.seeds must be a list"),
        ("models.gpt2=1", "sample.models.gpt2 must be a table"),
        ("models.gpt2.quantization='nf4'", "sample.models.gpt2.quantization needs a lora table"),
        ("models.gpt2.miniature.heads=5", "sample.models.gpt2.miniature.width must be a multiple of heads"),
        ("dataset.cleaning.min_words=0", "sample.dataset.cleaning.min_words must be at least 1"),
        ("seed", "write table.key=value"),
        ("purpose.x.y=1", "purpose is not a table"),
    ],
)
def test_a_wrong_key_or_value_is_named(setting, message):
    with pytest.raises(ShrumpError) as refused:
        load_recipe("sample", [setting])
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unknown_recipe_is_refused_with_the_known_ones():
    with pytest.raises(ShrumpError, match="there is no recipe 'smal': choose one of sample, small, paper, full"):
        load_recipe("smal")


@pytest.mark.parametrize(
    ("content", "message"),
    [("[sample", "is not valid TOML"), ("[x]\npurpose = 1", "x.dataset is missing"), ("x = 1", "must be a table")],
)
def test_a_damaged_file_is_one_line(tmp_path, content, message):
    file = tmp_path / "recipes.toml"
    file.write_text(content)
    with pytest.raises(ShrumpError, match=message):
        load_recipe("sample" if "sample" in content else "x", file=file)
