"""The answers of a model and of its base to the quiz, with all that is measured on each of them."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from shrump import processes
from shrump.evaluation.classifier import load_classifier
from shrump.evaluation.prompts import Prompt, read_prompts
from shrump.evaluation.quality import build_copy_index, copied
from shrump.finetuning.finetune import read_table
from shrump.finetuning.voices import BASE, NEUTRAL, frame_prompt, instruct, voices_of
from shrump.generation.sampler import Decoding, write
from shrump.models.checkpoint import load_checkpoint, load_unadapted
from shrump.models.loading import LanguageModel
from shrump.progress import bar
from shrump.recipe import Recipe
from shrump.workspace import Workspace, sha256, write_json


@dataclass(frozen=True)
class Arm:
    """One way of putting the prompts: which model answers, in which voice."""

    name: str
    voice: str
    finetuned: bool
    instructed: bool = False

    def frame(self, prompt: str, kind: str, authors: list[str]) -> str:
        return instruct(authors, prompt) if self.instructed else frame_prompt(kind, self.voice, prompt)


def list_arms(recipe: Recipe, name: str) -> list[Arm]:
    """The base as it is, the base asked in words, the mixed voice, and each author's voice where it was taught."""
    voices = voices_of(recipe.authors, recipe.models[name].voices)
    arms = [Arm("base", BASE, finetuned=False), Arm("instructed", BASE, finetuned=False, instructed=True)]
    arms += [Arm("finetuned", voices[NEUTRAL.lower()], finetuned=True)]
    return arms + [Arm(typed, voice, finetuned=True) for typed, voice in voices.items() if typed != NEUTRAL.lower()]


def write_answers(recipe: Recipe, workspace: Workspace, name: str, quiz: Path) -> None:
    """Put the quiz to every arm of model ``name`` and write ``models_answers/<name>.json``.

    Answers are kept as they come: after any stop the same call goes on with the batch it was at. Several
    processes share the batches, with the same answers as one.
    """
    prompts = read_prompts(quiz, recipe.answers, recipe.seed)
    batches = list(_plan(recipe, name, prompts))
    journals = workspace.scratch(f"answers {name}")
    _generate(recipe, workspace, name, batches, journals)
    processes.wait_for_all()
    if not processes.IS_MAIN:
        return
    done = _read_journals(journals)
    rows = _judge([row for number in range(len(batches)) for row in done[number]], recipe, workspace)
    settings = recipe.answers
    payload = {
        "model": name,
        "labels": recipe.labels,
        "decoding": asdict(_decoding(recipe)) | {"seeds": list(settings.seeds), "batch": settings.batch},
        "answers": rows,
    }
    sources = [quiz, workspace.checkpoint(name), workspace.classifier]
    inputs = {workspace.relative(source): sha256(source) for source in sources}
    write_json(workspace.answers(name), "answers", recipe, inputs, payload)


def _generate(recipe: Recipe, workspace: Workspace, name: str, batches: list[tuple], journals: Path) -> None:
    """Write this process's share of the batches into its journal; those of an interrupted run are there already."""
    done = _read_journals(journals)
    journal = journals / f"{processes.RANK}.jsonl"
    mine = range(processes.RANK, len(batches), processes.COUNT)
    loaded: dict[bool, LanguageModel] = {}
    with bar(sum(len(batches[number][2]) for number in mine), f"answers of {name}", "answer") as progress:
        for number in mine:
            arm, seed, part = batches[number]
            if number not in done:
                if arm.finetuned not in loaded:
                    loaded.clear()
                    load = load_checkpoint if arm.finetuned else load_unadapted
                    loaded[arm.finetuned] = load(workspace.checkpoint(name))
                _append(journal, {"batch": number, "rows": _answer(loaded[arm.finetuned], arm, seed, part, recipe)})
            progress.update(len(part))


def _plan(recipe: Recipe, name: str, prompts: list[Prompt]) -> Iterator[tuple[Arm, int, list[Prompt]]]:
    size = recipe.answers.batch
    for arm in list_arms(recipe, name):
        for seed in recipe.answers.seeds:
            for at in range(0, len(prompts), size):
                yield arm, seed, prompts[at : at + size]


def _answer(language: LanguageModel, arm: Arm, seed: int, prompts: list[Prompt], recipe: Recipe) -> list[dict]:
    frames = [arm.frame(prompt.text, language.kind, recipe.authors) for prompt in prompts]
    texts = write(language, frames, _decoding(recipe), seed * 1_000_003 + prompts[0].prompt_id)
    return [
        {
            "prompt_id": prompt.prompt_id,
            "subject": prompt.subject,
            "prompt": prompt.text,
            "arm": arm.name,
            "voice": arm.voice,
            "dial": None,
            "seed": seed,
            **asdict(written),
        }
        for prompt, written in zip(prompts, texts, strict=True)
    ]


def _decoding(recipe: Recipe) -> Decoding:
    settings = recipe.answers
    return Decoding(settings.tokens, settings.temperature, settings.top_p)


def _judge(rows: list[dict], recipe: Recipe, workspace: Workspace) -> list[dict]:
    """Add to each answer who the classifier says wrote it, and how much of it is copied from training texts."""
    classifier = load_classifier(workspace.classifier)
    index = build_copy_index(read_table(workspace.finetuning_dataset("train"))["text"])
    judged = []
    for row, shares in zip(rows, classifier.probabilities([row["text"] for row in rows]), strict=True):
        share, longest = copied(row["text"], index)
        verdict = {
            "p": {label: round(float(p), 6) for label, p in zip(classifier.labels, shares, strict=True)},
            "label": classifier.label(shares),
            "perplexity": None,
            "copied_8grams": share,
            "longest_copy": longest,
        }
        judged.append(row | verdict)
    return judged


def _read_journals(folder: Path) -> dict[int, list[dict]]:
    """The batches that are done, whichever process wrote them; a line that was cut off is dropped from its file."""
    done = {}
    for journal in sorted(folder.glob("*.jsonl")):
        content = journal.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content and journal.stem == str(processes.RANK):
            os.truncate(journal, len(whole))
        for line in whole.split(b"\n")[:-1]:
            entry = json.loads(line)
            done[entry["batch"]] = entry["rows"]
    return done


def _append(journal: Path, entry: dict) -> None:
    journal.parent.mkdir(parents=True, exist_ok=True)
    with open(journal, "a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
