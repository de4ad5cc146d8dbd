"""Loading bases from a folder or the hub, on whatever device there is, at the precision it really has."""

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shrump.errors import ShrumpError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def quiet_transformers() -> None:
    """Keep the libraries' warnings, bars and telemetry out of our output; call it before they are used."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    warnings.filterwarnings("ignore", module=r"(torch|transformers|peft|accelerate|bitsandbytes)\b.*")
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


@dataclass
class LanguageModel:
    """A model that writes, with its tokenizer; ``kind`` is "causal" or "seq2seq"."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    kind: str

    @property
    def start(self) -> int:
        """The token that opens every text: the model's own, or end-of-text where it has none (GPT-2)."""
        bos = self.tokenizer.bos_token_id
        return self.tokenizer.eos_token_id if bos is None else bos

    @property
    def pad(self) -> int:
        """The token that fills rows up; it is masked wherever it stands."""
        pad = self.tokenizer.pad_token_id
        return self.tokenizer.eos_token_id if pad is None else pad

    @property
    def context(self) -> int:
        """How many tokens the model can see."""
        return getattr(self.model.config, "max_position_embeddings", None) or 512


def pick_device() -> str:
    """ "cuda" where there is a GPU, else "cpu"."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def training_precision() -> dict[str, bool]:
    """The Trainer's ``bf16``/``fp16`` switches: bf16 only where the device computes in it natively.

    A T4 emulates bf16, so it is asked without emulation; a CPU needs AVX512-BF16 or AMX.
    """
    import torch

    if torch.cuda.is_available():
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        return {"bf16": native, "fp16": not native}
    return {"bf16": cpu_has_bf16(), "fp16": False}


def compute_dtype() -> "torch.dtype":
    """The type that matrices are multiplied in where weights are held in 4 bits."""
    import torch

    precision = training_precision()
    return torch.bfloat16 if precision["bf16"] else torch.float16 if precision["fp16"] else torch.float32


def cpu_has_bf16() -> bool:
    """Whether this CPU multiplies bf16 matrices in hardware."""
    import torch

    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def load_base(base: str | Path, revision: str, kind: str, quantization: str = "") -> LanguageModel:
    """Load a base model with its tokenizer from a local folder or the hub.

    ``kind`` is "causal" or "seq2seq"; ``quantization`` "nf4" holds the weights in 4 bits, twice quantised.
    Raises `ShrumpError` when the folder or hub id cannot be read.
    """
    quiet_transformers()
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    family = {"causal": AutoModelForCausalLM, "seq2seq": AutoModelForSeq2SeqLM}[kind]
    options = {"dtype": torch.float32, "device_map": {"": pick_device()}}
    if quantization:
        options |= {"dtype": compute_dtype(), "quantization_config": _nf4()}
    tokenizer = load_tokenizer(base, revision)
    return LanguageModel(from_pretrained(family, base, revision, **options), tokenizer, kind)


def _nf4():
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute_dtype(),
    )


def load_tokenizer(base: str | Path, revision: str = "") -> "PreTrainedTokenizerBase":
    """Load a tokenizer; a folder without tokenizer files is refused (the library would make an empty one)."""
    from transformers import AutoTokenizer

    folder = Path(base)
    if folder.is_dir() and not any(
        (folder / name).is_file() for name in ("tokenizer.json", "vocab.json", "vocab.txt", "spiece.model")
    ):
        raise ShrumpError(f"{folder} holds no tokenizer (tokenizer.json): copy the base model's tokenizer files there")
    return from_pretrained(AutoTokenizer, base, revision)


def from_pretrained(family, base: str | Path, revision: str = "", **options):
    """``family.from_pretrained`` with safetensors only, no remote code, and one clear line when it fails."""
    local = Path(base).is_dir()
    if not local and (str(base).startswith((".", "/", "~")) or str(base).count("/") > 1):
        raise ShrumpError(f"{base} is not a folder: give an existing folder or a hub id such as openai-community/gpt2")
    if "Model" in family.__name__:
        options["use_safetensors"] = True
    try:
        return family.from_pretrained(
            str(base), revision=revision or "main", local_files_only=local, trust_remote_code=False, **options
        )
    except Exception as error:  # on damaged files the libraries raise anything
        what = "folder" if local else "hub id"
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        remedy = "check its files" if local else "check its name and your network, or give a local folder"
        raise ShrumpError(f"{what} {base} cannot be loaded ({reason}): {remedy}") from None
