"""Pictures of a finished dataset, as matplotlib figures that a notebook shows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pandas as pd

from shrump.dataset.balancing import LENGTH_STEP
from shrump.dataset.corpus import OTHER
from shrump.dataset.report import tabulate_balance, tabulate_genres, tabulate_losses

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito, colour-blind safe
_GREY = "#8a8f98"
_STYLE = {
    "font.size": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#e3e5e8",
    "legend.frameon": False,
}


def draw_balance(about: dict):
    """Tokens of each author before and after balancing."""
    table = tabulate_balance(about)
    with _drawing() as (figure, axes):
        table.T.plot.bar(ax=axes, color=_colour(table.index), width=0.75, rot=0)
        for bars in axes.containers:
            axes.bar_label(bars, fmt="{:,.0f}", fontsize=8, padding=2)
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.set_ylabel("tokens")
        axes.set_title("Every author gets the same weight")
        axes.grid(axis="y")
    return figure


def draw_losses(about: dict):
    """Rows dropped by each rule, beside what was kept."""
    table = tabulate_losses(about)
    with _drawing(columns=len(table.columns), size=(4 * len(table.columns), 3.6), sharey=True) as (figure, panels):
        for panel, label in zip(panels, table.columns, strict=True):
            bars = panel.barh(table.index, table[label], color=_colour(table.columns)[label])
            panel.bar_label(bars, fmt="{:,.0f}", fontsize=9, padding=2)
            panel.set_title(f"{label}: {about['kept'][label]['texts']:,} texts kept", fontsize=11)
            panel.set_xlabel("rows dropped")
            panel.margins(x=0.18)
    return figure


def draw_lengths(datasets: dict[str, pd.DataFrame]):
    """How long the texts of each label are, a panel for each named table of texts."""
    with _drawing(columns=len(datasets), size=(5.5 * len(datasets), 3.8), sharey=True) as (figure, panels):
        for panel, (name, rows) in zip(np.atleast_1d(panels), datasets.items(), strict=True):
            steps = np.arange(0, rows["words"].max() + LENGTH_STEP + 1, LENGTH_STEP)
            for label, colour in _colour(_labels(rows)).items():
                words = rows.loc[rows["author"] == label, "words"]
                weights = np.full(len(words), 100 / len(words))
                panel.hist(words, steps, weights=weights, histtype="step", linewidth=2, color=colour, label=label)
            panel.set_title(name)
            panel.set_xlabel("words in a text")
            panel.legend()
        np.atleast_1d(panels)[0].set_ylabel("texts of the label (%)")
    return figure


def draw_genres(rows: pd.DataFrame):
    """What Other is made of."""
    table = tabulate_genres(rows)
    table = table.loc[table.sum(axis=1).sort_values().index]
    with _drawing(size=(8, 0.28 * len(table) + 1.5)) as (figure, axes):
        table.plot.barh(ax=axes, stacked=True, color=[_GREY, *_COLOURS[4:]], width=0.8)
        axes.set_title("What Other is made of")
        axes.set_xlabel("texts")
        axes.set_ylabel("")
        axes.grid(axis="x")
    return figure


def draw_cues(scores: pd.Series):
    """How far length, case and marks alone get, from `report.compare_cues`."""
    with _drawing(size=(7, 2.2)) as (figure, axes):
        bars = axes.barh(scores.index, scores, color=[_GREY, _COLOURS[2], _COLOURS[1]])
        axes.bar_label(bars, fmt="{:.3f}", padding=3)
        axes.set_xlim(0, 1.05)
        axes.set_xlabel("macro-F1 of a logistic regression on I_test")
        axes.set_title("What gives an author away for free")
    return figure


@contextmanager
def _drawing(columns: int = 1, size: tuple[float, float] = (8, 4), **options) -> Iterator[tuple]:
    import matplotlib.pyplot as plt

    with plt.rc_context(_STYLE):
        figure, axes = plt.subplots(1, columns, figsize=size, layout="constrained", **options)
        yield figure, axes
        plt.close(figure)  # a notebook shows what a call returns; an open figure would show twice


def _labels(rows: pd.DataFrame) -> list[str]:
    """Authors by name, Other last."""
    return sorted(rows["author"].unique(), key=lambda label: (label == OTHER, label))


def _colour(labels: Sequence[str]) -> dict[str, str]:
    authors = [label for label in labels if label != OTHER]
    return dict(zip(authors, _COLOURS, strict=False)) | ({OTHER: _GREY} if OTHER in labels else {})
