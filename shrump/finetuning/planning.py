"""What a recipe will cost: tokens, steps, parameters, memory and time, from formulas, with nothing run."""

import json
import math
from dataclasses import dataclass

from shrump.errors import ShrumpError
from shrump.models.loading import quiet_transformers
from shrump.recipe import MINIATURE, ModelRecipe, Recipe
from shrump.workspace import Workspace

TOKENS_PER_WORD = 1.35  # of the models' tokenizers for each "word" that the dataset counts, measured on both authors
GIB = 2**30


@dataclass(frozen=True)
class Device:
    """A device's peak rate (dense, FLOP/s) in its training precision and in fp32, and its memory in bytes."""

    name: str
    peak: float
    peak_fp32: float
    memory: float
    used: float  # share of the peak that stock training reaches: an assumption, stated beside the estimates


# Peaks are the makers' data sheets (dense): T4 fp16, L4 and A100 and H100 (SXM) bf16.
DEVICES = [
    Device("T4", 65e12, 8.1e12, 15 * GIB, 0.25),
    Device("L4", 121e12, 30e12, 22 * GIB, 0.30),
    Device("A100", 312e12, 19.5e12, 40 * GIB, 0.35),
    Device("H100", 989e12, 67e12, 80 * GIB, 0.35),
]


@dataclass(frozen=True)
class Shape:
    """What of a model's architecture decides its cost."""

    parameters: int
    trained: int
    layers: int
    width: int
    vocabulary: int


def plan(recipe: Recipe, workspace: Workspace, devices: list[Device]) -> list[dict]:
    """One row for each model and device: ``model, device, tokens, steps, parameters, trained, gib, seconds, fits``.

    Training tokens are those of ``dataset.json``. FLOPs for each token are 6 N for full training and 4 N
    where only adapters learn (Kaplan et al. 2020, arXiv:2001.08361, 2 N forward, as much again for each of
    the gradients by activations and by weights). Raises `ShrumpError` before `shrump data` has run, or
    where a base's configuration cannot be read.
    """
    words = _count_words(workspace)
    rows = []
    for name, chosen in recipe.models.items():
        shape = measure_shape(chosen)
        tokens = words * TOKENS_PER_WORD * chosen.share
        per_step = chosen.batch * (chosen.block if chosen.kind == "causal" else tokens / max(1, _texts(workspace)))
        for device in devices:
            memory = estimate_memory(shape, chosen)
            rows.append(
                {
                    "model": name,
                    "device": device.name,
                    "tokens": round(tokens * chosen.epochs),
                    "steps": math.ceil(tokens / per_step * chosen.epochs),
                    "parameters": shape.parameters,
                    "trained": shape.trained,
                    "gib": memory / GIB,
                    "seconds": estimate_seconds(shape, chosen, tokens * chosen.epochs, device),
                    "fits": memory < device.memory,
                }
            )
    return rows


def estimate_memory(shape: Shape, chosen: ModelRecipe) -> float:
    """Bytes in training: weights, gradients and Adam's two moments, activations, and the logits.

    Frozen 4-bit weights take 0.55 bytes each with their scales; trained ones 16 in fp32 (weight, gradient, two
    moments). Activations are 34 bytes for each layer, token and unit of width (Korthikanti et al. 2022,
    arXiv:2205.05198, without attention scores, which are never materialised), or 2 and one layer's 34 with
    gradient checkpointing, which quantised models use on a GPU; logits are held in 16 and in 32 bits.
    """
    tokens = chosen.batch * chosen.block
    frozen = (shape.parameters - shape.trained) * (0.55 if chosen.quantization else 4)
    unit = tokens * shape.width
    kept = unit * (2 * shape.layers + 34) if chosen.quantization else unit * 34 * shape.layers
    return frozen + 16 * shape.trained + kept + tokens * shape.vocabulary * 10


def estimate_seconds(shape: Shape, chosen: ModelRecipe, tokens: float, device: Device) -> float:
    """FLOPs over the device's peak and the share of it that training uses; 4-bit weights cost a third more."""
    flops = (4 if chosen.lora else 6) * shape.parameters * tokens * (4 / 3 if chosen.quantization else 1)
    peak = device.peak_fp32 if chosen.kind == "seq2seq" and device.name == "T4" else device.peak
    return flops / (peak * device.used)


def measure_shape(chosen: ModelRecipe) -> Shape:
    """Sizes of a model from its configuration alone: no weight is downloaded or made."""
    quiet_transformers()
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    config = _read_config(chosen)
    family = AutoModelForSeq2SeqLM if chosen.kind == "seq2seq" else AutoModelForCausalLM
    with torch.device("meta"):
        model = family.from_config(config)
    count = sum(weight.numel() for weight in model.parameters())
    linear = [layer for layer in model.modules() if isinstance(layer, torch.nn.Linear)]
    adapters = sum(chosen.lora.rank * (layer.in_features + layer.out_features) for layer in linear if chosen.lora)
    layers = config.num_hidden_layers * (2 if chosen.kind == "seq2seq" else 1)
    return Shape(count, adapters or count, layers, config.hidden_size, config.vocab_size)


def measure_cpu() -> Device:
    """This machine as a device: its own matrix rate, timed in a tenth of a second, and its memory."""
    import os
    import time

    import torch

    matrix = torch.randn(1024, 1024)
    matrix @ matrix
    began, turns = time.perf_counter(), 0
    while time.perf_counter() - began < 0.1:
        matrix @ matrix
        turns += 1
    rate = 2 * 1024**3 * turns / (time.perf_counter() - began)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Device("this CPU", rate, rate, memory, 0.4)


def _read_config(chosen: ModelRecipe):
    from transformers import AutoConfig

    from shrump.models.loading import from_pretrained
    from shrump.models.miniature import configure

    if chosen.base == MINIATURE:
        return configure(chosen.miniature, chosen.block, chosen.miniature.vocabulary)
    return from_pretrained(AutoConfig, chosen.base, chosen.base_revision)


def _count_words(workspace: Workspace) -> int:
    return sum(author["tokens"] for author in _train_counts(workspace).values())


def _texts(workspace: Workspace) -> int:
    return sum(author["texts"] for author in _train_counts(workspace).values())


def _train_counts(workspace: Workspace) -> dict:
    try:
        return json.loads(workspace.dataset_json.read_text(encoding="utf-8"))["splits"]["train"]
    except FileNotFoundError:
        raise ShrumpError(f"{workspace.dataset_json} is missing: make it with shrump data") from None
