"""A miniature's own base: a tokenizer and a small language model that has read neutral news and nothing else."""

from collections.abc import Sequence

from shrump import processes
from shrump.finetuning.finetune import describe_training, read_table, train_language
from shrump.finetuning.packing import make_rows
from shrump.finetuning.training import Settings, set_seed
from shrump.finetuning.voices import Example
from shrump.models.checkpoint import save_checkpoint
from shrump.models.loading import LanguageModel
from shrump.models.miniature import build_language_model, train_tokenizer
from shrump.recipe import MINIATURE, Recipe
from shrump.workspace import Workspace, sha256

_ARTICLE = 4  # neutral texts joined into one, so that a base has seen longer contexts than one sentence


def pretrain(recipe: Recipe, workspace: Workspace, name: str) -> None:
    """Make the miniature base of model ``name`` and keep it as an ordinary checkpoint, ``<name>_base``."""
    chosen = recipe.models[name]
    files = [workspace.neutral_dataset(split) for split in ("train", "validation")]
    neutral, validation = (read_table(file)["text"] for file in files)
    tokenizer = train_tokenizer(neutral, chosen.miniature)
    set_seed(recipe.seed)
    model = build_language_model(chosen.miniature, tokenizer, chosen.block)
    language = LanguageModel(model, tokenizer, chosen.kind)
    rows = make_rows(_join_articles(neutral, chosen.kind), language, chosen.block)
    held_out = {"Other": make_rows(_join_articles(validation, chosen.kind), language, chosen.block)}
    settings = Settings(
        epochs=chosen.miniature.epochs,
        learning_rate=chosen.miniature.learning_rate,
        batch=chosen.batch,
        seed=recipe.seed,
        key=f"models.{name}.miniature.learning_rate",
    )
    scratch = workspace.scratch(f"base {name}")
    best, history = train_language(language, rows, held_out, settings, scratch, f"base of {name}")
    about = {
        **describe_training(name, chosen, MINIATURE, files[0], rows, history),
        "quantization": "",
        "lora": None,
        "voices": {},
        "authors": [],
        "validation": {},
    }
    inputs = {workspace.relative(file): sha256(file) for file in files}
    if processes.IS_MAIN:
        save_checkpoint(workspace.base(name), best, tokenizer, recipe, inputs, about)


def _join_articles(texts: Sequence[str], kind: str) -> list[Example]:
    """Several texts in one; a seq2seq model reads the first half and learns to write the second."""
    texts = list(texts)
    articles = [texts[at : at + _ARTICLE] for at in range(0, len(texts), _ARTICLE)]
    half = _ARTICLE // 2 if kind == "seq2seq" else 0
    return [Example(" ".join(article[:half]), " ".join(article[half:])) for article in articles if article[half:]]
