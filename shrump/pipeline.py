"""The stages of a run, in order: what each reads and writes, and whether it is done already."""

import contextlib
import dataclasses
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shrump import processes, progress
from shrump.errors import ShrumpError
from shrump.recipe import MINIATURE, Recipe
from shrump.workspace import SPLITS, Workspace, sha256, write_text

PACKAGE = Path(__file__).parent
_EVERYWHERE = ("recipe.py", "workspace.py")
_CLASSIFIER = tuple(
    f"evaluation/{part}.py"
    for part in (
        *("calibration", "classifier", "classifier_plots", "fitting", "integrated"),
        *("intervals", "report", "variants", "windows"),
    )
)


@dataclass(frozen=True)
class Stage:
    """One step of a run.

    ``settings`` is the part of the recipe that it depends on, ``code`` the modules and rooms, ``inputs``
    names the files when asked (earlier stages may have to make them first), ``outputs`` are files or folders.
    A ``shared`` stage is run by all processes together.
    """

    name: str
    command: str
    settings: object
    code: tuple[str, ...]
    inputs: Callable[[], list[Path]]
    outputs: tuple[Path, ...]
    run: Callable[[], None]
    shared: bool = False


def plan_stages(recipe: Recipe, workspace: Workspace, models: Sequence[str]) -> list[Stage]:
    """All stages of a run of ``models``, in the order in which they must run."""
    stages = [_data(recipe, workspace)]
    for name in models:
        if recipe.models[name].base == MINIATURE:
            stages.append(_base(recipe, workspace, name))
        stages.append(_finetune(recipe, workspace, name))
    stages.append(_classifier(recipe, workspace))
    stages += [_answers(recipe, workspace, name) for name in models]
    stages.append(_score(recipe, workspace))
    return stages


def check_models(recipe: Recipe, models: Sequence[str]) -> list[str]:
    """``models`` in the recipe's order, all of them where none is named; `ShrumpError` for an unknown name."""
    for name in models:
        if name not in recipe.models:
            raise ShrumpError(f"recipe {recipe.name} has no model {name!r}: choose from {', '.join(recipe.models)}")
    return [name for name in recipe.models if name in models or not models]


def run_stages(stages: Sequence[Stage], workspace: Workspace) -> None:
    """Run what is not done yet; a stage is done when its stamp matches its settings, code, inputs and outputs.

    Raises `ShrumpError` when another run is at work in the same workspace.
    """
    with _locked(workspace):
        for stage in stages:
            processes.wait_for_all()
            fingerprint = _fingerprint(stage, workspace)
            if _is_done(stage, workspace, fingerprint):
                _say(f"{stage.name:<24} done before")
                continue
            _run_stage(stage, workspace, fingerprint)


def _run_stage(stage: Stage, workspace: Workspace, fingerprint: str) -> None:
    """Under ``accelerate launch`` all processes share the stages that can be shared; the first does the rest."""
    began = time.monotonic()
    processes.wait_for_all()
    if processes.IS_MAIN:
        _claim_scratch(stage, workspace, fingerprint)
    processes.wait_for_all()
    if stage.shared or processes.IS_MAIN:
        stage.run()
    processes.wait_for_all()
    if processes.IS_MAIN:
        _seal(stage, workspace, fingerprint)
        _say(f"{stage.name:<24} done in {_spell(time.monotonic() - began)}")


def _data(recipe: Recipe, workspace: Workspace) -> Stage:
    from shrump.dataset.sources import raw_files

    def run():
        from shrump.dataset.build import build_dataset

        build_dataset(recipe, workspace)

    tables = [
        table(split) for table in (workspace.finetuning_dataset, workspace.integrated_dataset) for split in SPLITS
    ]
    neutral = [workspace.neutral_dataset(split) for split in ("train", "validation")]
    return Stage(
        "data",
        "shrump data",
        [recipe.seed, recipe.dataset],
        ("dataset",),
        lambda: raw_files(recipe),
        (*tables, *neutral, workspace.dataset_json),
        run,
    )


def _base(recipe: Recipe, workspace: Workspace, name: str) -> Stage:
    def run():
        from shrump.finetuning.pretrain import pretrain

        pretrain(recipe, workspace, name)

    neutral = [workspace.neutral_dataset(split) for split in ("train", "validation")]
    return Stage(
        f"base {name}",
        f"shrump finetune {name}",
        [recipe.seed, recipe.models[name].miniature, recipe.models[name].block, recipe.models[name].batch],
        ("models", *(f"finetuning/{part}.py" for part in ("pretrain", "finetune", "packing", "measuring", "training"))),
        lambda: neutral,
        (workspace.base(name),),
        run,
        shared=True,
    )


def _finetune(recipe: Recipe, workspace: Workspace, name: str) -> Stage:
    def run():
        from shrump.finetuning.finetune import finetune

        finetune(recipe, workspace, name)

    base = _local_base(recipe.models[name].base, workspace.base(name))
    return Stage(
        f"finetune {name}",
        f"shrump finetune {name}",
        [recipe.seed, recipe.authors, recipe.models[name]],
        ("models", "finetuning"),
        lambda: [*(workspace.finetuning_dataset(split) for split in ("train", "validation")), *base],
        (workspace.checkpoint(name),),
        run,
        shared=True,
    )


def _classifier(recipe: Recipe, workspace: Workspace) -> Stage:
    def run():
        from shrump.evaluation.classifier import train_classifier

        train_classifier(recipe, workspace)

    base = _local_base(recipe.classifier.base)
    return Stage(
        "classifier",
        "shrump classifier",
        [recipe.seed, recipe.authors, recipe.classifier],
        ("models", "finetuning/training.py", *_CLASSIFIER),
        lambda: [*(workspace.integrated_dataset(split) for split in SPLITS), *base],
        (workspace.classifier, workspace.result("classifier.json"), workspace.image("classifier_metrics")),
        run,
    )


def _answers(recipe: Recipe, workspace: Workspace, name: str) -> Stage:
    from shrump.dataset.sources import raw_files

    def run():
        from shrump.evaluation.answers import write_answers

        write_answers(recipe, workspace, name, raw_files(recipe)[-1])

    def inputs() -> list[Path]:
        quiz = raw_files(recipe)[-1]
        return [quiz, workspace.checkpoint(name), workspace.classifier, workspace.finetuning_dataset("train")]

    code = ("models", "generation", "finetuning/voices.py", "evaluation/answers.py", "evaluation/quality.py")
    return Stage(
        f"answers {name}",
        f"shrump answers {name}",
        [recipe.seed, recipe.authors, recipe.answers],
        (*code, "evaluation/prompts.py", *_CLASSIFIER),
        inputs,
        (workspace.answers(name),),
        run,
        shared=True,
    )


def _score(recipe: Recipe, workspace: Workspace) -> Stage:
    """Scores whatever answers there are, of this run's models and of earlier ones."""
    answered = [name for name in recipe.models]

    def run():
        from shrump.evaluation.scoring import score

        score(recipe, workspace, [name for name in answered if workspace.answers(name).exists()])

    return Stage(
        "score",
        "shrump score",
        [recipe.seed, recipe.authors],
        tuple(f"evaluation/{part}.py" for part in ("comparing", "intervals", "plots", "quality", "scoring", "tables")),
        lambda: [workspace.answers(name) for name in answered if workspace.answers(name).exists()],
        (workspace.result("scores.json"), workspace.result("scores.md")),
        run,
    )


def _local_base(base: str, miniature: Path | None = None) -> list[Path]:
    """The folder of a base, where it is one: its content is an input; a hub id is pinned by its revision."""
    if base == MINIATURE:
        return [miniature] if miniature else []
    return [Path(base)] if Path(base).is_dir() else []


def _fingerprint(stage: Stage, workspace: Workspace) -> str:
    inputs = stage.inputs()
    for path in inputs:
        if not path.exists():
            raise ShrumpError(f"{path} is missing: shrump run makes everything that {stage.command} needs")
    content = {
        "settings": _plain(stage.settings),
        "code": _hash_code(stage.code),
        "inputs": {workspace.relative(path): sha256(path) for path in inputs},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _hash_code(parts: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for part in (*_EVERYWHERE, *parts):
        path = PACKAGE / part
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _plain(value: object) -> object:
    """Dataclasses inside lists as dictionaries, for JSON."""
    if dataclasses.is_dataclass(value):
        return dataclasses.asdict(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _is_done(stage: Stage, workspace: Workspace, fingerprint: str) -> bool:
    try:
        stamp = json.loads(workspace.stamp(stage.name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    outputs = stage.outputs
    if stamp.get("fingerprint") != fingerprint or not all(path.exists() for path in outputs):
        return False
    return stamp.get("outputs") == {workspace.relative(path): sha256(path) for path in outputs}


def _seal(stage: Stage, workspace: Workspace, fingerprint: str) -> None:
    outputs = {workspace.relative(path): sha256(path) for path in stage.outputs}
    stamp = {"fingerprint": fingerprint, "outputs": outputs}
    write_text(workspace.stamp(stage.name), json.dumps(stamp, indent=2) + "\n")
    shutil.rmtree(workspace.scratch(stage.name), ignore_errors=True)


def _claim_scratch(stage: Stage, workspace: Workspace, fingerprint: str) -> None:
    """Keep an interrupted run's work only where it was for exactly this: same settings, code and inputs."""
    mark = workspace.scratch(stage.name) / "fingerprint"
    if not mark.exists() or mark.read_text() != fingerprint:
        shutil.rmtree(workspace.scratch(stage.name), ignore_errors=True)
        write_text(mark, fingerprint)


@contextlib.contextmanager
def _locked(workspace: Workspace):
    from filelock import FileLock, Timeout

    if not processes.IS_MAIN:
        yield
        return
    try:
        workspace.root.mkdir(parents=True, exist_ok=True)
        with FileLock(workspace.root / ".lock", timeout=0):
            yield
    except Timeout:
        raise ShrumpError(f"another run is at work in {workspace.root}: wait for it, or stop it") from None
    except PermissionError as error:
        raise ShrumpError(f"{error.filename} cannot be written: give another --workspace") from None


def _say(line: str) -> None:
    if not progress.quiet and processes.IS_MAIN:
        print(line, file=sys.stderr, flush=True)


def _spell(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
