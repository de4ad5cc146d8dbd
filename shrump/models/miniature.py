"""Small models of the real architectures, so that the code that runs on a laptop is the code that runs on a GPU."""

from collections.abc import Iterable, Sequence

from shrump.models.loading import quiet_transformers
from shrump.recipe import Miniature

quiet_transformers()

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers  # noqa: E402
from transformers import (  # noqa: E402
    BertConfig,
    BertForSequenceClassification,
    GPT2Config,
    GPT2LMHeadModel,
    MistralConfig,
    MistralForCausalLM,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

# Special tokens by architecture, in the order of their ids: those of the real models, and a padding token
# of its own where the real one pads with end-of-text (a model that pads with it never learns to stop).
_SPECIAL = {
    "gpt2": {"eos_token": "<|endoftext|>", "pad_token": "<|pad|>"},
    "t5": {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"},
    "mistral": {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"},
    "bert": {
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    },
}
_AROUND = {"t5": "$A </s>", "bert": "[CLS] $A [SEP]"}


def train_tokenizer(texts: Iterable[str], miniature: Miniature) -> PreTrainedTokenizerFast:
    """A byte-level BPE of ``miniature.vocabulary`` tokens, learnt from ``texts``; no text is unknown to it."""
    special = _SPECIAL[miniature.architecture]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=miniature.vocabulary,
        special_tokens=list(special.values()),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    if around := _AROUND.get(miniature.architecture):
        names = [(token, tokenizer.token_to_id(token)) for token in around.split() if token != "$A"]
        tokenizer.post_processor = processors.TemplateProcessing(single=around, special_tokens=names)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, clean_up_tokenization_spaces=False, model_max_length=10**9, **special
    )


def build_language_model(miniature: Miniature, tokenizer: PreTrainedTokenizerFast, context: int) -> PreTrainedModel:
    """A language model with fresh weights (set the seed before), for texts of up to ``context`` tokens."""
    families = {"gpt2": GPT2LMHeadModel, "t5": T5ForConditionalGeneration, "mistral": MistralForCausalLM}
    return families[miniature.architecture](configure(miniature, context, len(tokenizer)))


def build_classifier(
    miniature: Miniature, tokenizer: PreTrainedTokenizerFast, labels: Sequence[str], context: int
) -> BertForSequenceClassification:
    """A BERT with fresh weights (set the seed before) and one output for each of ``labels``."""
    config = configure(miniature, context, len(tokenizer))
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: index for index, label in enumerate(labels)}
    return BertForSequenceClassification(config)


def configure(miniature: Miniature, context: int, vocabulary: int) -> PretrainedConfig:
    """The configuration of a small model of the real architecture; dropout is off, miniatures are never too big."""
    config = _CONFIGURE[miniature.architecture](miniature, context)
    config.vocab_size = vocabulary
    config.bos_token_id = None
    for number, role in enumerate(_SPECIAL[miniature.architecture]):  # ids are given in this order
        setattr(config, f"{role}_id", number)
    if config.bos_token_id is None:
        config.bos_token_id = config.eos_token_id
    return config


def _configure_gpt2(miniature: Miniature, context: int) -> GPT2Config:
    return GPT2Config(
        n_positions=context,
        n_embd=miniature.width,
        n_layer=miniature.layers,
        n_head=miniature.heads,
        activation_function="gelu_pytorch_tanh",  # gelu_new, fused
        resid_pdrop=0,
        embd_pdrop=0,
        attn_pdrop=0,
    )


def _configure_t5(miniature: Miniature, context: int) -> T5Config:
    return T5Config(
        d_model=miniature.width,
        d_kv=miniature.width // miniature.heads,
        d_ff=2 * miniature.width,
        num_layers=miniature.layers,
        num_heads=miniature.heads,
        dropout_rate=0,
        feed_forward_proj="gated-gelu",  # as FLAN-T5
        n_positions=context,
        decoder_start_token_id=0,  # padding
    )


def _configure_mistral(miniature: Miniature, context: int) -> MistralConfig:
    return MistralConfig(
        hidden_size=miniature.width,
        intermediate_size=3 * miniature.width,
        num_hidden_layers=miniature.layers,
        num_attention_heads=miniature.heads,
        num_key_value_heads=max(1, miniature.heads // 2),
        max_position_embeddings=context,
        sliding_window=None,
    )


def _configure_bert(miniature: Miniature, context: int) -> BertConfig:
    return BertConfig(
        hidden_size=miniature.width,
        num_hidden_layers=miniature.layers,
        num_attention_heads=miniature.heads,
        intermediate_size=4 * miniature.width,
        max_position_embeddings=context,
    )


_CONFIGURE = {"gpt2": _configure_gpt2, "t5": _configure_t5, "mistral": _configure_mistral, "bert": _configure_bert}
