"""The folder that holds everything a run writes, and the only ways to write there: whole, or not at all."""

import contextlib
import hashlib
import json
import os
import platform
import shutil
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from shrump.errors import ShrumpError
from shrump.recipe import Recipe

SPLITS = ("train", "validation", "test")
_VERSIONED = (
    "shrump",
    "torch",
    "transformers",
    "tokenizers",
    "peft",
    "bitsandbytes",
    "numpy",
    "pandas",
    "scikit-learn",
    "scipy",
    "statsmodels",
)


class Workspace:
    """Where each file of a run lives, below ``root``."""

    def __init__(self, root: Path):
        self.root = Path(root)

    def finetuning_dataset(self, split: str) -> Path:
        return self.root / "Dataset" / "finetuning_dataset" / f"{split}.csv"

    def integrated_dataset(self, split: str) -> Path:
        return self.root / "Dataset" / "integrated_dataset" / f"I_{split}.csv"

    def neutral_dataset(self, split: str) -> Path:
        """News that no other file holds: what miniatures learn before they meet an author."""
        return self.root / "Dataset" / "neutral_dataset" / f"N_{split}.csv"

    @property
    def dataset_json(self) -> Path:
        return self.root / "Dataset" / "dataset.json"

    @property
    def models(self) -> Path:
        return self.root / "Interface" / "models"

    def checkpoint(self, model: str) -> Path:
        return self.models / f"{model}_shrump"

    def base(self, model: str) -> Path:
        """A miniature's own base model; other bases live on the hub or where the user keeps them."""
        return self.models / f"{model}_base"

    @property
    def classifier(self) -> Path:
        return self.root / "performance_evaluation" / "classifier"

    def answers(self, model: str) -> Path:
        return self.root / "performance_evaluation" / "models_answers" / f"{model}.json"

    def result(self, name: str) -> Path:
        return self.root / "performance_evaluation" / "results" / name

    def image(self, name: str) -> Path:
        return self.root / "images" / f"{name}.png"

    def stamp(self, stage: str) -> Path:
        return self.root / ".stamps" / f"{stage.replace(' ', '_')}.json"

    def scratch(self, stage: str) -> Path:
        """Where a stage keeps what it needs to go on after a stop; removed when the stage is done."""
        return self.root / ".scratch" / stage.replace(" ", "_")

    def relative(self, path: Path) -> str:
        """``path`` as files name it: below the workspace, or by its bare name (raw files, bases)."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it takes its place, on failure nothing is left.

    Works for a file or a folder: whichever the caller makes at the temporary path. Everything is on the
    disk before the name changes.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        _flush(temporary)
        if path.is_dir():
            old = path.with_name(f".{path.name}.{os.getpid()}.old")
            path.rename(old)
            temporary.rename(path)
            shutil.rmtree(old)
        else:
            temporary.replace(path)
        _flush_one(path.parent)
    except OSError as error:
        if error.filename is None and error.errno is None:
            raise
        raise ShrumpError(f"{path} cannot be written ({error.strerror}): nothing was changed there") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    for item in [*path.rglob("*"), path] if path.is_dir() else [path]:
        _flush_one(item)


def _flush_one(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Write a whole file or nothing."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, schema: str, recipe: Recipe, inputs: dict[str, str], payload: dict) -> None:
    """Write ``payload`` behind the header that every file of ours opens with.

    ``inputs`` maps names to sha256. ``created`` is a day (UTC), so that two runs of one day are
    byte-identical; ``SOURCE_DATE_EPOCH`` fixes it (https://reproducible-builds.org/specs/source-date-epoch).
    """
    header = {
        "schema": f"shrump/{schema}/1",
        "recipe": recipe.name,
        "created": today(),
        "versions": versions(),
        "seed": recipe.seed,
        "inputs": dict(sorted(inputs.items())),
    }
    text = json.dumps(header | payload, ensure_ascii=False, indent=2, allow_nan=False)
    write_text(path, text + "\n")


def read_json(path: Path, schema: str, remedy: str) -> dict:
    """Read a file that `write_json` wrote; ``remedy`` says what to run where it is missing or not ours."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ShrumpError(f"{path} cannot be read ({error.strerror}): {remedy}") from None
    except ValueError as error:
        raise ShrumpError(f"{path} is not valid JSON ({error}): {remedy}") from None
    if not isinstance(content, dict) or content.get("schema") != f"shrump/{schema}/1":
        raise ShrumpError(f"{path} is not a {schema} file of this version: {remedy}")
    return content


def today() -> str:
    """The day, UTC, as in 2031-05-09."""
    return time.strftime("%Y-%m-%d", time.gmtime(float(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))


def versions() -> dict[str, str]:
    """Python's version and those of the installed libraries that shape results."""
    found = {"python": platform.python_version()}
    for name in _VERSIONED:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def sha256(path: Path) -> str:
    """The hash of a file, or of a folder's file names and contents."""
    if path.is_dir():
        files = sorted(item for item in path.rglob("*") if item.is_file())
        lines = [f"{sha256(item)}  {item.relative_to(path).as_posix()}\n" for item in files]
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
