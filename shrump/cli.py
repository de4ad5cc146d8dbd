"""The command line: reads options, calls a room, prints a table. Nothing heavy is imported before it is needed."""

import argparse
import dataclasses
import json
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import shrump
from shrump import progress
from shrump.errors import ShrumpError
from shrump.recipe import PROJECT, Recipe, load_recipe
from shrump.workspace import Workspace

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its status: 0, 2 for what the user can mend, 130 when interrupted."""
    signal.signal(signal.SIGTERM, _interrupt)
    options = _build_parser().parse_args(arguments)
    progress.quiet = options.quiet
    try:
        options.command(options)
    except ShrumpError as error:
        sys.exit(_refuse(str(error)))
    except KeyboardInterrupt:
        print("shrump: stopped; what is done is kept, and the same command goes on from there", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has left: `| head`


def _interrupt(*_) -> None:
    raise KeyboardInterrupt


def _refuse(message: str) -> int:
    print(f"shrump: {message}", file=sys.stderr)
    return 2


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> None:
        sys.exit(_refuse(f"{message} (see {self.prog} --help)"))


def _build_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="shrump", description=shrump.__doc__)
    parser.add_argument("--version", action="version", version=f"shrump {shrump.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    common = _common_options()

    def add(name: str, command, help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.", parents=[common])
        added.set_defaults(command=command)
        return added

    run = add("run", _run, "run every stage in order; finished ones are skipped")
    run.add_argument("--models", default="", help="some of the recipe's models, as in gpt2,flan_t5")
    add("data", _data, "make the balanced and the integrated dataset")
    add("finetune", _finetune, "fine-tune one model").add_argument("model")
    add("classifier", _classifier, "train the author classifier")
    add("answers", _answers, "put the quiz to a model and to its base").add_argument("model")
    add("score", _score, "score the answers that were written")
    generate = add("generate", _generate, "write a text")
    generate.add_argument("prompt", help='what to write on from; "" for nothing')
    generate.add_argument("--model", required=True, help="the name of a checkpoint (see shrump models), or its folder")
    generate.add_argument("--voice", default="shrump", help="an author, shrump (the mixed voice, default), or base")
    generate.add_argument("--seed", type=int, default=1)
    classify = add("classify", _classify, "say who wrote each text; CSV on standard output")
    classify.add_argument("file", help="text (one a line), CSV or JSONL with a column text; - for standard input")
    add("models", _models, "list the checkpoints")
    add("plan", _plan, "say what a recipe will cost, with nothing run")
    export = add("export", _export, "write a fine-tuned model as an ordinary 16-bit checkpoint with a model card")
    export.add_argument("model", help="the name of a checkpoint (see shrump models), or its folder")
    export.add_argument("--to", type=Path, required=True, help="the folder to make")
    export.add_argument("--push", metavar="OWNER/NAME", help="upload it to the hub too, as a private repository")
    return parser


def _common_options() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    group = common.add_argument_group("common options")
    group.add_argument("--recipe", default="sample", help="a table of recipes.toml (default: sample)")
    group.add_argument("--workspace", type=Path, help="where everything is written (default: runs/RECIPE)")
    group.add_argument("--raw", help="the folder of raw files (default: the recipe's own, else SHRUMP_RAW)")
    group.add_argument("--set", action="append", default=[], metavar="TABLE.KEY=VALUE", help="override a recipe key")
    group.add_argument("--quiet", action="store_true", help="no progress")
    group.add_argument("--json", action="store_true", help="print the result as JSON")
    return common


def _open(options: argparse.Namespace) -> tuple[Recipe, Workspace]:
    recipe = load_recipe(options.recipe, options.set)
    raw = options.raw or (str(PROJECT / recipe.raw) if recipe.raw else os.environ.get("SHRUMP_RAW", ""))
    workspace = Workspace(options.workspace or Path("runs") / recipe.name)
    return dataclasses.replace(recipe, raw=raw), workspace


def _run_only(options: argparse.Namespace, models: Sequence[str], *names: str) -> tuple[Recipe, Workspace]:
    """Run the stages of these names; all where none is named."""
    from shrump.pipeline import check_models, plan_stages, run_stages

    recipe, workspace = _open(options)
    stages = plan_stages(recipe, workspace, check_models(recipe, models))
    run_stages([stage for stage in stages if not names or stage.name in names], workspace)
    return recipe, workspace


def _run(options: argparse.Namespace) -> None:
    recipe, workspace = _run_only(options, [name for name in options.models.split(",") if name])
    _show_scores(options, recipe, workspace)


def _data(options: argparse.Namespace) -> None:
    _, workspace = _run_only(options, [], "data")
    content = json.loads(workspace.dataset_json.read_text(encoding="utf-8"))
    rows = [
        [part, split, author, f"{counts['texts']:,}", f"{counts['tokens']:,}"]
        for part in ("splits", "integrated")
        for split, authors in content[part].items()
        for author, counts in authors.items()
    ]
    _print(options, content, ["dataset", "split", "author", "texts", "tokens"], rows)


def _finetune(options: argparse.Namespace) -> None:
    name = options.model
    _, workspace = _run_only(options, [name], f"base {name}", f"finetune {name}")
    from shrump.models.checkpoint import read_about

    about = read_about(workspace.checkpoint(name))
    rows = [
        [author, f"{figures['base_perplexity']:.1f}", f"{figures['perplexity']:.1f}"]
        for author, figures in about["validation"].items()
    ]
    _print(options, about, ["author", "perplexity of the base", "fine-tuned"], rows)


def _classifier(options: argparse.Namespace) -> None:
    recipe, workspace = _run_only(options, [], "classifier")
    content = json.loads(workspace.result("classifier.json").read_text(encoding="utf-8"))
    keys = ("precision", "recall", "f1")
    rows = [[label, *(f"{_value(content['per_class'][label][key]):.3f}" for key in keys)] for label in recipe.labels]
    _print(options, content, ["label", *keys], rows)
    _tell(f"figure: {workspace.image('classifier_metrics')}")


def _answers(options: argparse.Namespace) -> None:
    name = options.model
    _, workspace = _run_only(options, [name], f"answers {name}")
    _tell(f"answers: {workspace.answers(name)}")


def _score(options: argparse.Namespace) -> None:
    recipe, workspace = _run_only(options, [], "score")
    _show_scores(options, recipe, workspace)


def _show_scores(options: argparse.Namespace, recipe: Recipe, workspace: Workspace) -> None:
    from shrump.evaluation.tables import table_rows

    content = json.loads(workspace.result("scores.json").read_text(encoding="utf-8"))
    header, rows = table_rows(content)
    _print(options, content, header, rows)
    for name in content["models"]:
        answers = json.loads(workspace.answers(name).read_text(encoding="utf-8"))["answers"]
        _tell(f"\n{name} in each voice:")
        for voice in dict.fromkeys(row["voice"] for row in answers):
            _tell(f"  {voice:<12} {_first_line(row for row in answers if row['voice'] == voice)}")
    figures = sorted(workspace.root.glob("images/*.png"))
    _tell("\nfigures: " + ", ".join(str(figure) for figure in figures))


def _first_line(answers: Iterable[dict]) -> str:
    """The first of some answers that is a sentence rather than a word or two."""
    texts = [" ".join(row["text"].split()) for row in answers]
    return next((text for text in texts if 6 <= len(text.split()) <= 30), texts[0] if texts else "")


def _generate(options: argparse.Namespace) -> None:
    from shrump.finetuning.voices import BASE, frame_prompt
    from shrump.generation.sampler import Decoding, write
    from shrump.models.checkpoint import load_checkpoint, load_unadapted, read_about

    recipe, workspace = _open(options)
    folder = _find_model(options.model, workspace)
    voices = read_about(folder)["voices"] | {BASE: BASE}
    typed = options.voice.lower()
    if typed not in voices:
        raise ShrumpError(f"{folder.name} has no voice {options.voice!r}: choose one of {', '.join(voices)}")
    language = load_unadapted(folder) if typed == BASE else load_checkpoint(folder)
    frame = frame_prompt(language.kind, voices[typed], options.prompt)
    settings = recipe.answers
    decoding = Decoding(settings.tokens, settings.temperature, settings.top_p)
    written = write(language, [frame], decoding, options.seed)[0]
    about = {"model": folder.name, "voice": typed, "prompt": options.prompt, "seed": options.seed}
    print(json.dumps(about | dataclasses.asdict(written), ensure_ascii=False) if options.json else written.text)


def _find_model(name: str, workspace: Workspace) -> Path:
    """A checkpoint by its folder, or by its name with or without "_shrump"."""
    from shrump.models.checkpoint import find_checkpoints

    if Path(name).is_dir():
        return Path(name)
    found = {folder.name: folder for folder in find_checkpoints([workspace])}
    for known in (name, f"{name}_shrump"):
        if known in found:
            return found[known]
    there = f"there are {', '.join(found)}" if found else "there is none yet, shrump run makes some"
    raise ShrumpError(f"no checkpoint {name!r} in {workspace.models}: {there}")


def _classify(options: argparse.Namespace) -> None:
    from shrump.evaluation.classify import classify_stream

    _, workspace = _open(options)
    classify_stream(options.file, workspace.classifier, sys.stdout)


def _models(options: argparse.Namespace) -> None:
    from shrump.models.checkpoint import describe, find_checkpoints

    _, workspace = _open(options)
    found = [describe(folder) for folder in find_checkpoints([workspace])]
    if not found:
        raise ShrumpError(f"no checkpoints in {workspace.models}: shrump run makes some")
    rows = [
        [row["name"], row.get("kind", ""), row.get("base", ""), row.get("created", ""), _summarise(row)]
        for row in found
    ]
    _print(options, found, ["checkpoint", "kind", "base", "made", "what it is"], rows)


def _plan(options: argparse.Namespace) -> None:
    from shrump.finetuning.planning import DEVICES, measure_cpu, plan

    recipe, workspace = _open(options)
    content = plan(recipe, workspace, [*DEVICES, measure_cpu()])
    rows = [
        [
            row["model"],
            row["device"],
            f"{row['tokens']:,}",
            f"{row['steps']:,}",
            f"{row['trained']:,} of {row['parameters']:,}",
            f"{row['gib']:.1f} GiB" + ("" if row["fits"] else " (too much)"),
            _spell(row["seconds"]),
        ]
        for row in content
    ]
    _print(options, content, ["model", "device", "tokens", "steps", "trained parameters", "memory", "about"], rows)


def _export(options: argparse.Namespace) -> None:
    from shrump.models.export import export_checkpoint, push_export

    _, workspace = _open(options)
    export_checkpoint(_find_model(options.model, workspace), options.to)
    if options.push:
        push_export(options.to, options.push)
    print(options.to)


def _spell(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _summarise(row: dict) -> str:
    if row["problem"]:
        return row["problem"]
    trained = f"{row['trained_tokens']:,} tokens of recipe {row['recipe']}"
    figures = row["validation"] or {}
    better = [f"{author} {at['base_perplexity']:.0f} to {at['perplexity']:.0f}" for author, at in figures.items()]
    return f"{trained}; perplexity {', '.join(better)}" if better else trained


def _print(options: argparse.Namespace, content: object, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The result of a command: a table, or with --json all of it."""
    if options.json:
        print(json.dumps(content, ensure_ascii=False, indent=2))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for name in header:
        table.add_column(name, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = Console()
    wanted = console.measure(table, options=console.options.update_width(1000)).maximum
    console.width = max(console.width, wanted)  # a wide table is better folded by the terminal than cut
    console.print(table)


def _value(figure: object) -> float:
    return figure["value"] if isinstance(figure, dict) else figure


def _tell(line: str) -> None:
    if not progress.quiet:
        print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
