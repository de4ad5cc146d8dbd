"""The figures of the classifier: whom it mistakes for whom, whether it is as sure as it should be, and of what."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from shrump.evaluation.plots import OTHER_COLOUR, colours, draw_intervals, drawing

_ACCENT = "#0072B2"


def draw_classifier(report: dict, labels: Sequence[str], path: Path) -> None:
    """Confusion, F1 of each label, reliability, and macro-F1 by length, side by side."""
    with drawing(path, 4, (18, 4.6), width_ratios=(1.05, 1, 1, 1.15)) as (figure, axes):
        _draw_confusion(axes[0], report["confusion"], labels)
        _draw_f1(axes[1], report["per_class"], labels)
        _draw_reliability(axes[2], report["reliability"], report["ece"])
        _draw_lengths(axes[3], report["by_length"], report["cue_only_macro_f1"])
        figure.suptitle(
            f"The classifier on {report['n']:,} test texts: macro-F1 {_spell(report['macro_f1'])}",
            x=0.01,
            ha="left",
            fontweight="bold",
        )


def draw_false_attribution(left_out: dict, labels: Sequence[str], path: Path) -> None:
    """For each genre that was left out of training, how often its texts are given to an author."""
    genres = sorted(left_out, key=lambda genre: left_out[genre]["false_attribution"]["value"])
    with drawing(path, size=(8.5, 1.8 + 0.34 * len(genres))) as (figure, axes):
        start = np.zeros(len(genres))
        for author, colour in list(colours(labels).items())[:-1]:
            given = np.array([100 * left_out[genre]["given_to"][author] / left_out[genre]["n"] for genre in genres])
            axes.barh(range(len(genres)), given, left=start, color=colour, label=f"given to {author}", height=0.62)
            start += given
        figures = [left_out[genre]["false_attribution"] for genre in genres]
        reach = [
            [100 * max(0, each["value"] - each["low"]) for each in figures],
            [100 * max(0, each["high"] - each["value"]) for each in figures],
        ]
        axes.errorbar(start, range(len(genres)), xerr=reach, fmt="none", ecolor="#22262b", capsize=3)
        names = [f"{genre.replace('_', ' ')}  (n = {left_out[genre]['n']})" for genre in genres]
        axes.set_yticks(range(len(genres)), names)
        axes.grid(axis="x")
        axes.grid(visible=False, axis="y")
        axes.set_xlim(0, None)
        axes.set_xlabel("texts given to an author (%), 95 % interval")
        title = "A genre never met in training: how often is it taken for an author?"
        figure.suptitle(title, x=0.01, ha="left", fontweight="bold")
        axes.legend(loc="lower right")


def _draw_confusion(axes, confusion: dict, labels: Sequence[str]) -> None:
    counts = np.array([[confusion[true][said] for said in labels] for true in labels])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.15)
    for (row, column), count in np.ndenumerate(counts):
        ink = "white" if shares[row, column] > 0.6 else "#22262b"
        axes.text(column, row, f"{100 * shares[row, column]:.0f} %\n{count}", ha="center", va="center", color=ink)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels, rotation=90, va="center")
    axes.set(xlabel="labelled", ylabel="written by")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.set_title("Who is taken for whom", fontsize=12)


def _draw_f1(axes, per_class: dict, labels: Sequence[str]) -> None:
    figures = [per_class[label]["f1"] for label in labels]
    axes.bar(labels, [each["value"] for each in figures], 0.6, color=list(colours(labels).values()))
    draw_intervals(axes, range(len(labels)), figures)
    axes.set_xticks(range(len(labels)), [f"{label}\nn = {per_class[label]['support']}" for label in labels])
    axes.set(ylim=(0, 1.02), ylabel="F1")
    axes.set_title("F1 of each label", fontsize=12)


def _draw_reliability(axes, bins: Sequence[dict], ece: float) -> None:
    sizes = np.array([each["n"] for each in bins])
    axes.plot([0, 1], [0, 1], color=OTHER_COLOUR, linestyle="--", linewidth=1)
    axes.scatter(
        [each["confidence"] for each in bins],
        [each["accuracy"] for each in bins],
        s=20 + 280 * sizes / sizes.max(),
        color=_ACCENT,
        alpha=0.75,
        clip_on=False,
    )
    axes.set(xlim=(0.3, 1.02), ylim=(0, 1.02), xlabel="confidence", ylabel="share right")
    axes.set_title(f"As sure as it should be: ECE {ece:.3f}", fontsize=12)


def _draw_lengths(axes, by_length: Sequence[dict], cue_only: float) -> None:
    places = range(len(by_length))
    figures = [each["macro_f1"] for each in by_length]
    axes.axhline(cue_only, color=OTHER_COLOUR, linestyle="--", linewidth=1)
    axes.text(len(by_length) - 0.6, cue_only - 0.03, "length, case and marks alone", ha="right", va="top", fontsize=10)
    draw_intervals(axes, places, figures, fmt="o", color=_ACCENT, ecolor=_ACCENT, markersize=7)
    names = [f"{each['from_words']}-{each['to_words']}\nn = {each['n']}" for each in by_length]
    axes.set_xticks(places, names)
    axes.set(ylim=(0, 1.02), xlim=(-0.5, len(by_length) - 0.5), xlabel="words", ylabel="macro-F1")
    axes.set_title("Macro-F1 by length", fontsize=12)


def _spell(figure: dict) -> str:
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"
