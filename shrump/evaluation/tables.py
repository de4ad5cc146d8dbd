"""Scores as tables: rows for the terminal, and ``scores.md`` for everybody."""

from collections.abc import Sequence
from pathlib import Path

from shrump.workspace import write_text

_QUALITY = ("perplexity", "distinct_1", "distinct_2", "distinct_3", "self_bleu", "repetition", "tokens")


def table_rows(content: dict) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the main table of a ``scores.json``: who each arm sounds like."""
    labels = content["labels"]
    header = ["model", "arm", "answers", *labels, "an author", "against base", "p (Holm)"]
    rows = []
    for model, scored in content["models"].items():
        compared = {each["arm"]: each for each in scored["comparisons"] if each["outcome"] == "authors"}
        for arm, figures in scored["arms"].items():
            shares = [_percent(figures["share"][label]) for label in labels]
            against = compared.get(arm)
            change = [_points(against["effect"]), _p(against["p_holm"])] if against else ["", ""]
            rows.append([model, arm, str(figures["n"]), *shares, _percent(figures["authors"]), *change])
    return header, rows


def quality_rows(content: dict) -> tuple[list[str], list[list[str]]]:
    """Header and rows of what there is to the texts beside their style."""
    header = ["model", "arm", *_QUALITY, "copied 8-grams", "longest copy", "ended", "empty"]
    rows = []
    for model, scored in content["models"].items():
        for arm, figures in scored["arms"].items():
            quality = figures["quality"]
            cells = [_plain(quality[name]) for name in _QUALITY]
            copies = [_percent(quality["copied_8grams"]), f"{quality['longest_copy']} words"]
            rows.append([model, arm, *cells, *copies, _percent(figures["ended"]), _percent(figures["empty"])])
    return header, rows


def write_tables(path: Path, content: dict) -> None:
    """Write ``scores.md``: both tables with what their figures mean."""
    methods = content["methods"]
    parts = [
        "# Who the answers sound like",
        f"Shares of answers by the classifier's label. Intervals: {methods['share']}.",
        _markdown(*table_rows(content)),
        f"Differences are in points: {methods['comparisons']}.",
        "# What else there is to them",
        f"Intervals: {methods['quality']}. distinct-n and self-BLEU carry none: they depend on the set as a whole.",
        _markdown(*quality_rows(content)),
        "",
    ]
    write_text(path, "\n\n".join(parts).rstrip("\n") + "\n")


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _percent(figure: dict | None) -> str:
    if figure is None:
        return "-"
    value, low, high = (100 * figure[name] for name in ("value", "low", "high"))
    return f"{value:.0f} % [{low:.0f}, {high:.0f}]"


def _points(figure: dict) -> str:
    value, low, high = (100 * figure[name] for name in ("value", "low", "high"))
    return f"{value:+.0f} [{low:+.0f}, {high:+.0f}]"


def _plain(figure: dict | float | None) -> str:
    if figure is None:
        return "-"
    if isinstance(figure, dict):
        return f"{figure['value']:.3g} [{figure['low']:.3g}, {figure['high']:.3g}]"
    return f"{figure:.3g}"


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"
