"""Low-rank adapters: small trained layers on a base that stays as it is, saved apart from it."""

from pathlib import Path

from shrump.models.loading import LanguageModel, pick_device
from shrump.recipe import Lora


def add_adapters(language: LanguageModel, lora: Lora, base: str) -> LanguageModel:
    """Put fresh adapters on all linear layers (set the seed before); only they are trained.

    ``base`` is what the adapters' configuration calls the model they belong to.
    """
    from peft import LoraConfig, TaskType, get_peft_model, prepare_model_for_kbit_training

    model = language.model
    if getattr(model, "is_loaded_in_4bit", False):
        on_gpu = pick_device() == "cuda"  # there memory is what is short
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=on_gpu)
    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules="all-linear",
        task_type=TaskType.SEQ_2_SEQ_LM if language.kind == "seq2seq" else TaskType.CAUSAL_LM,
    )
    adapted = get_peft_model(model, config)
    adapted.peft_config["default"].base_model_name_or_path = base
    found = adapted.peft_config["default"].target_modules
    adapted.peft_config["default"].target_modules = sorted(found)  # a set is saved in another order each time
    return LanguageModel(adapted, language.tokenizer, language.kind)


def load_adapters(language: LanguageModel, folder: Path) -> LanguageModel:
    """Put the adapters of a checkpoint on the base that they were trained on."""
    from peft import PeftModel

    return LanguageModel(PeftModel.from_pretrained(language.model, folder), language.tokenizer, language.kind)
