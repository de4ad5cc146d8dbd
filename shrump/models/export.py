"""A checkpoint for other people's tools: adapters merged into 16-bit weights, with a model card."""

from pathlib import Path

from shrump.errors import ShrumpError
from shrump.models.adapters import load_adapters
from shrump.models.checkpoint import read_about, resolve_base
from shrump.models.loading import LanguageModel, load_base
from shrump.workspace import replacing

_CARD = """---
base_model: {base}
library_name: transformers
pipeline_tag: {task}
tags: [style, generated-text]
---
# {name}

A {kind} model that writes in the voices of {authors}, and in a mix of them. Fine-tuned from `{base}`
{revision}with recipe `{recipe}` of [shrump](README.md) {version}, on {tokens:,} tokens.

## Voices
Put one of these before the text: {voices}.

## Figures
Perplexity on held-out texts (whole plays and weeks that were never trained on where the recipe splits by group):

| author | base | fine-tuned |
|---|---|---|
{figures}

## Data
Dataset sha256 `{dataset}`. How it was cleaned, balanced and split stands in its `dataset.json`.

## Limits
The model imitates style; what it says is invented. Label its texts as generated, and do not pass them off as
anybody's own words: one of the authors may be a living person.

## Licence
The weights follow the licence of `{base}`; the texts, those of their sources.
"""


def export_checkpoint(folder: Path, target: Path) -> None:
    """Write an ordinary 16-bit `save_pretrained` folder with a model card to ``target``.

    Adapters are merged into 16-bit weights, never into 4-bit ones, which would change what the model writes.
    Raises `ShrumpError` where ``target`` exists or the checkpoint is not whole.
    """
    if target.exists():
        raise ShrumpError(f"{target} exists already: give another --to, or remove it")
    about = read_about(folder)
    language = _load_half(folder, about)
    with replacing(target) as temporary:
        language.model.save_pretrained(temporary)
        language.tokenizer.save_pretrained(temporary)
        (temporary / "README.md").write_text(write_card(folder.name, about), encoding="utf-8")


def push_export(target: Path, repository: str) -> None:
    """Upload an exported folder to the hub, with the token that ``hf auth login`` keeps."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

    try:
        hub = HfApi()
        hub.create_repo(repository, exist_ok=True, private=True)
        hub.upload_folder(repo_id=repository, folder_path=target)
    except (HfHubHTTPError, LocalTokenNotFoundError, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ShrumpError(f"{repository} cannot be written ({reason}): log in with hf auth login") from None


def write_card(name: str, about: dict) -> str:
    """The model card of a checkpoint, from its ``shrump.json``."""
    figures = [
        f"| {author} | {at['base_perplexity']:.1f} | {at['perplexity']:.1f} |"
        for author, at in about["validation"].items()
    ]
    return _CARD.format(
        name=name,
        base=about["base"],
        kind=about["kind"],
        task="text-generation" if about["kind"] == "causal" else "text2text-generation",
        authors=" and ".join(about["authors"]) or "nobody yet",
        revision=f"(revision `{about['base_revision']}`) " if about["base_revision"] else "",
        recipe=about["recipe"],
        version=about["versions"].get("shrump", ""),
        tokens=about["trained_tokens"],
        voices=", ".join(f"`{voice}`" for voice in about["voices"].values()) or "none",
        figures="\n".join(figures),
        dataset=about["dataset_sha256"],
    )


def _load_half(folder: Path, about: dict) -> LanguageModel:
    import torch

    if not about["lora"]:
        language = load_base(folder, "", about["kind"])
    else:
        base = load_base(resolve_base(folder, about), about["base_revision"], about["kind"])
        language = load_adapters(base, folder)
        language.model = language.model.merge_and_unload()
    language.model = language.model.to(torch.bfloat16)
    return language
