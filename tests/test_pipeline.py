"""A stage runs once, runs again when anything it depends on changes, and never beside another run."""

import pytest

from shrump.errors import ShrumpError
from shrump.pipeline import Stage, check_models, run_stages
from shrump.workspace import Workspace, write_text


@pytest.fixture
def counted(tmp_path):
    """A workspace, an input file, and a maker of stages that count their runs."""
    source = tmp_path / "source.txt"
    source.write_text("1")
    place = Workspace(tmp_path / "run")
    runs = []

    def stage(settings=1):
        def run():
            runs.append(source.read_text())
            write_text(place.result("out.txt"), source.read_text())

        return Stage("out", "shrump out", settings, ("errors.py",), lambda: [source], (place.result("out.txt"),), run)

    return place, source, stage, runs


def test_a_finished_stage_is_skipped(counted):
    place, _, stage, runs = counted
    for _ in range(3):
        run_stages([stage()], place)
    assert runs == ["1"]


def test_a_changed_input_setting_or_output_runs_it_again(counted):
    place, source, stage, runs = counted
    run_stages([stage()], place)
    source.write_text("2")
    run_stages([stage()], place)
    run_stages([stage(settings=2)], place)
    place.result("out.txt").write_text("spoilt")
    run_stages([stage(settings=2)], place)
    assert runs == ["1", "2", "2", "2"]
    assert place.result("out.txt").read_text() == "2"


def test_scratch_is_kept_for_the_same_work_only(counted):
    place, source, stage, _ = counted
    left = place.scratch("out") / "half"

    def interrupted():
        write_text(left, "half")
        raise KeyboardInterrupt

    for content, kept in (("1", False), ("1", True), ("2", False)):
        source.write_text(content)
        seen = []
        broken = stage()
        broken = Stage(**{**vars(broken), "run": lambda seen=seen: (seen.append(left.exists()), interrupted())})
        with pytest.raises(KeyboardInterrupt):
            run_stages([broken], place)
        assert seen == [kept]


def test_a_missing_input_names_what_to_run(counted):
    place, source, stage, _ = counted
    source.unlink()
    with pytest.raises(ShrumpError, match="source.txt is missing: shrump run makes everything that shrump out needs"):
        run_stages([stage()], place)


def test_two_runs_do_not_share_a_workspace(counted):
    from filelock import FileLock

    place, _, stage, runs = counted
    run_stages([stage()], place)
    with FileLock(place.root / ".lock"), pytest.raises(ShrumpError, match="another run is at work"):
        run_stages([stage()], place)


def test_models_come_in_the_recipes_order_and_unknown_ones_are_refused(tiny):
    assert check_models(tiny, ["mistral", "gpt2"]) == ["gpt2", "mistral"]
    assert check_models(tiny, []) == ["gpt2", "flan_t5", "mistral"]
    with pytest.raises(ShrumpError, match="recipe sample has no model 'gpt3': choose from gpt2, flan_t5, mistral"):
        check_models(tiny, ["gpt3"])
