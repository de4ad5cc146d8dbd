"""The figures of the scores, and the one style and the colours that every figure shares."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from shrump.workspace import replacing

OTHER_COLOUR = "#8a8f98"
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito, colour-blind safe
_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#e3e5e8",
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.dpi": 150,
}
_NAMES = {"gpt2": "GPT-2", "flan_t5": "FLAN-T5", "mistral": "Mistral"}
_FILLED = 0.8  # of the room between two arms


def colours(labels: Sequence[str]) -> dict[str, str]:
    """The colour of every label, the same in all figures; the last label is Other and grey."""
    found = {label: _COLOURS[number % len(_COLOURS)] for number, label in enumerate(labels[:-1])}
    return found | {labels[-1]: OTHER_COLOUR}


@contextlib.contextmanager
def drawing(path: Path, columns: int = 1, size: tuple[float, float] = (8, 4.6), **options) -> Iterator[tuple]:
    """Yield (figure, axes) in the shared style; the picture is written whole, with the same bytes each time."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    with plt.rc_context(_STYLE):
        figure, axes = plt.subplots(1, columns, figsize=size, layout="constrained", **options)
        try:
            yield figure, axes
            with replacing(path) as temporary:
                figure.savefig(temporary, format="png", metadata={"Software": None})
        finally:
            plt.close(figure)


def draw_model(scored: dict, name: str, labels: Sequence[str], path: Path) -> None:
    """Who one model's answers sound like, arm by arm, with 95 % intervals."""
    with drawing(path, size=(1.9 * max(3, len(scored["arms"])) + 1, 4.8)) as (_, axes):
        _draw_arms(axes, scored["arms"], labels)
        axes.set_title(f"{spell(name)}: who its answers sound like")
        axes.set_ylabel("share of answers labelled (%)")
        axes.legend(ncols=len(labels), loc="lower right", bbox_to_anchor=(1, 1))


def draw_overview(models: dict[str, dict], labels: Sequence[str], path: Path) -> None:
    """All models side by side: every arm's labels, and the corrected p of the fine-tuned against the base."""
    with drawing(path, len(models), (5.2 * len(models), 4.9), sharey=True) as (figure, axes):
        for panel, (name, scored) in zip(axes, models.items(), strict=True):
            _draw_arms(panel, scored["arms"], labels, short=True)
            panel.set_title(spell(name) + _describe_change(scored["comparisons"]), fontsize=11)
        axes[0].set_ylabel("share of answers labelled (%)")
        handles, names = axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=len(labels))
        figure.suptitle("Who the answers sound like", x=0.01, ha="left", fontweight="bold")


def spell(model: str) -> str:
    """A model's name as people write it."""
    return _NAMES.get(model, model)


def draw_intervals(axes, places: Sequence[float], figures: Sequence[dict], scale: float = 1, **options) -> None:
    """Error bars of figures with intervals at ``places`` on the x axis."""
    values = [scale * each["value"] for each in figures]
    reach = [
        [scale * max(0, each["value"] - each["low"]) for each in figures],
        [scale * max(0, each["high"] - each["value"]) for each in figures],
    ]
    axes.errorbar(places, values, yerr=reach, **({"fmt": "none", "ecolor": "#22262b", "capsize": 3} | options))


def _draw_arms(axes, arms: dict[str, dict], labels: Sequence[str], short: bool = False) -> None:
    width = _FILLED / len(labels)
    for number, (label, colour) in enumerate(colours(labels).items()):
        places = [at + width * (number - (len(labels) - 1) / 2) for at in range(len(arms))]
        figures = [arm["share"][label] for arm in arms.values()]
        axes.bar(places, [100 * each["value"] for each in figures], 0.92 * width, color=colour, label=label)
        draw_intervals(axes, places, figures, 100)
    names = [_spell_arm(name) if short else f"{_spell_arm(name)}\nn = {arm['n']}" for name, arm in arms.items()]
    axes.set_xticks(range(len(arms)), names, rotation=20 if short else 0)
    axes.set_ylim(0, 102)
    axes.tick_params(axis="x", length=0)


def _spell_arm(name: str) -> str:
    spelled = {"base": "base", "instructed": "base, instructed", "finetuned": "mixed voice"}
    return spelled.get(name, f"{name.title()}'s voice")


def _describe_change(comparisons: Sequence[dict]) -> str:
    for each in comparisons:
        if each["arm"] == "finetuned" and each["outcome"] == "authors":
            p = f"= {each['p_holm']:.3f}" if each["p_holm"] >= 0.001 else "< 0.001"
            return f"\nmixed voice, an author: {100 * each['effect']['value']:+.0f} points, p {p}"
    return ""
