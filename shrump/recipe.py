"""Everything that defines a run, read from ``recipes.toml`` into dataclasses that refuse what they do not know."""

import dataclasses
import difflib
import tomllib
import types
import typing
from dataclasses import dataclass
from pathlib import Path

from shrump.errors import ShrumpError

PROJECT = Path(__file__).resolve().parents[1]
MINIATURE = "miniature"


class Contradiction(ValueError):
    """A value that cannot be used: ``Contradiction(key, why)``; `build` adds the table's name."""

    def __init__(self, key: str, why: str):
        super().__init__(why)
        self.key = key


def _require(condition: bool, key: str, why: str) -> None:
    if not condition:
        raise Contradiction(key, why)


@dataclass(frozen=True)
class Source:
    """Where the texts of one author, or of one kind of Other, come from.

    ``reader`` is "plays", "tweets" or "plain" (see `shrump.dataset.sources`). The plain reader takes the column
    ``text``, and where they are named the columns ``group`` (texts that must stay together, such as a book)
    and ``genre`` (what kind of Other it is; else the source's own name). An ``optional`` file may be absent.
    """

    name: str
    file: str
    reader: str = "plain"
    text: str = "text"
    group: str = ""
    genre: str = ""
    optional: bool = False

    def __post_init__(self):
        _require(bool(self.name and self.file), "name", "and file must not be empty")
        _require(self.reader in ("plays", "tweets", "plain"), "reader", 'must be "plays", "tweets" or "plain"')


@dataclass(frozen=True)
class Cleaning:
    """The cleaning rules, each a switch; lengths are in words.

    ``speeches`` joins the printed lines of a speech; ``mojibake``, ``entities`` and ``links`` mend a text,
    the others drop it; texts above ``max_words`` are cut at line or sentence ends.
    """

    stage_directions: bool = True
    speeches: bool = True
    mojibake: bool = True
    entities: bool = True
    links: bool = True
    retweets: bool = True
    quotes: bool = True
    min_words: int = 4
    max_words: int = 40

    def __post_init__(self):
        _require(1 <= self.min_words < self.max_words, "min_words", "must be at least 1 and below max_words")


@dataclass(frozen=True)
class DatasetRecipe:
    """The balanced dataset of the generator and the integrated dataset of the classifier.

    ``near_duplicate`` is the Jaccard similarity of two texts' words from which the later one is dropped; 1 keeps
    all but exact ones. ``split`` is by "group" (play, week) or "random". The generator gets ``generator_share``
    of the groups and the integrated dataset the rest; 1 lets both share all texts. ``other_share`` is the part
    of the integrated texts that is Other; ``match_lengths`` gives all its labels one distribution of lengths.
    ``neutral`` names the source of Other whose unused texts teach miniature bases their English.
    """

    authors: tuple[Source, ...]
    other: tuple[Source, ...]
    cleaning: Cleaning = Cleaning()
    tokenizer: str = "words"
    near_duplicate: float = 0.8
    split: str = "group"
    shares: tuple[float, ...] = (0.8, 0.1, 0.1)
    generator_share: float = 0.6
    other_share: float = 0.5
    match_lengths: bool = True
    neutral: str = "news"

    def __post_init__(self):
        names = [author.name for author in self.authors]
        _require(len(names) >= 2, "authors", "needs two or more authors")
        _require(len(set(names)) == len(names), "authors", "names an author twice")
        _require("Other" not in names, "authors", "cannot use the name Other: it is the label of everybody else")
        others = [source.name for source in self.other]
        _require(len(others) > 0, "other", "needs a source: a classifier must know what nobody of the authors wrote")
        _require(len(set(others)) == len(others), "other", "names a source twice")
        _require(self.neutral in others, "neutral", f"must name a source of other: {', '.join(others)}")
        _require(0.7 <= self.near_duplicate <= 1, "near_duplicate", "must be from 0.7 to 1")
        _require(self.split in ("group", "random"), "split", 'must be "group" or "random"')
        _require(len(self.shares) == 3 and min(self.shares) > 0, "shares", "needs three positive numbers")
        _require(abs(sum(self.shares) - 1) < 1e-9, "shares", "must add up to 1")
        _require(0 < self.generator_share <= 1, "generator_share", "must be above 0 and at most 1")
        _require(0 < self.other_share < 1, "other_share", "must be above 0 and below 1")


@dataclass(frozen=True)
class Miniature:
    """The sizes of a small model of a real architecture, with its own byte-level BPE of ``vocabulary`` tokens."""

    architecture: str
    layers: int = 4
    width: int = 128
    heads: int = 4
    vocabulary: int = 2048

    def __post_init__(self):
        known = ("gpt2", "t5", "mistral", "bert")
        _require(self.architecture in known, "architecture", f"must be one of {', '.join(known)}")
        _require(self.width % self.heads == 0, "width", "must be a multiple of heads")
        _require(self.vocabulary >= 300, "vocabulary", "must be 300 or more: 256 bytes and the special tokens")


@dataclass(frozen=True)
class LanguageMiniature(Miniature):
    """A small language model, trained on neutral news first, so that base and fine-tuned differ for a reason."""

    epochs: float = 3
    learning_rate: float = 1e-3


@dataclass(frozen=True)
class Lora:
    """Low-rank adapters on all linear layers (Hu et al. 2022, arXiv:2106.09685), saved apart from the base."""

    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05

    def __post_init__(self):
        _require(self.rank > 0 and self.alpha > 0, "rank", "rank and alpha must be above 0")
        _require(0 <= self.dropout < 1, "dropout", "must be at least 0 and below 1")


@dataclass(frozen=True)
class ModelRecipe:
    """How one language model is made: its base, and how it is fine-tuned.

    ``base`` is "miniature", a local folder, or a hub id with the pinned ``base_revision``; ``share`` is the
    part of the training texts that is used; ``batch`` counts rows of at most ``block`` tokens (blocks of
    several texts for a causal model, single texts for a seq2seq one). With ``quantization = "nf4"`` the base
    is held in 4 bits and only ``lora`` is trained (QLoRA, Dettmers et al. 2023, arXiv:2305.14314).
    """

    kind: str
    base: str
    base_revision: str = ""
    miniature: LanguageMiniature | None = None
    quantization: str = ""
    lora: Lora | None = None
    voices: bool = True
    neutral_share: float = 0.12
    share: float = 1.0
    epochs: float = 3
    learning_rate: float = 5e-5
    warmup: float = 0.05
    block: int = 256
    batch: int = 16

    def __post_init__(self):
        _require(self.kind in ("causal", "seq2seq"), "kind", 'must be "causal" or "seq2seq"')
        _require(self.quantization in ("", "nf4"), "quantization", 'must be "nf4" or left out')
        _require(
            not self.quantization or self.lora, "quantization", "needs a lora table: 4-bit weights are not trained"
        )
        _require(self.base != MINIATURE or self.miniature is not None, "miniature", 'is what base = "miniature" needs')
        _require(0 < self.share <= 1, "share", "must be above 0 and at most 1")
        _require(0 <= self.neutral_share < 1, "neutral_share", "must be at least 0 and below 1")
        _require(self.epochs > 0, "epochs", "must be above 0")


@dataclass(frozen=True)
class ClassifierRecipe:
    """The author classifier.

    ``batch`` counts texts; ``window`` is how many tokens are read at once (longer texts are judged in
    pieces); ``scrambled`` texts of shuffled words join Other, in proportion to the authors' texts;
    ``neutral_cues`` hides case and punctuation. ``leave_out`` is the number of parts that the genres of Other
    are divided into, to train once without each: as many as there are genres leaves out one at a time, fewer
    are cheaper and stricter, 0 measures nothing.
    """

    base: str
    base_revision: str = ""
    miniature: Miniature | None = None
    epochs: float = 3
    learning_rate: float = 3e-5
    batch: int = 32
    window: int = 64
    scrambled: float = 0.2
    neutral_cues: bool = False
    leave_out: int = 0

    def __post_init__(self):
        _require(self.base != MINIATURE or self.miniature is not None, "miniature", 'is what base = "miniature" needs')
        _require(self.epochs > 0, "epochs", "must be above 0")
        _require(self.window >= 16, "window", "must be 16 or more")
        _require(0 <= self.scrambled <= 1, "scrambled", "must be from 0 to 1")
        _require(self.leave_out >= 0, "leave_out", "must not be below 0")


@dataclass(frozen=True)
class AnswersRecipe:
    """The questions put to every model and how answers are sampled; the same for every arm."""

    file: str = "mmlu_validation.jsonl"
    prompts: int = 154
    options: bool = False
    seeds: tuple[int, ...] = (1, 2, 3)
    tokens: int = 80
    temperature: float = 0.9
    top_p: float = 0.95
    batch: int = 77

    def __post_init__(self):
        _require(
            self.prompts > 0 and self.tokens > 0 and self.batch > 0,
            "prompts",
            "prompts, tokens and batch must be above 0",
        )
        _require(self.temperature > 0, "temperature", "must be above 0")
        _require(0 < self.top_p <= 1, "top_p", "must be above 0 and at most 1")


@dataclass(frozen=True)
class Recipe:
    """One table of ``recipes.toml``; the fields in plain words stand in the file itself."""

    name: str
    purpose: str
    dataset: DatasetRecipe
    models: dict[str, ModelRecipe]
    classifier: ClassifierRecipe
    answers: AnswersRecipe = AnswersRecipe()
    raw: str = ""
    seed: int = 7

    @property
    def authors(self) -> list[str]:
        """The authors' names, in the order of the dial."""
        return [author.name for author in self.dataset.authors]

    @property
    def labels(self) -> list[str]:
        """What the classifier can say."""
        return [*self.authors, "Other"]


def load_recipe(name: str, settings: typing.Sequence[str] = (), file: Path = PROJECT / "recipes.toml") -> Recipe:
    """Read one recipe; each of ``settings`` reads ``table.key=value`` (a TOML value) and overrides the file.

    Raises `ShrumpError` for an unreadable file, an unknown recipe, an unknown key, or a value that cannot be.
    """
    tables = _read(file)
    if name not in tables:
        raise ShrumpError(f"there is no recipe {name!r}: choose one of {', '.join(tables)}")
    if not isinstance(tables[name], dict):
        raise ShrumpError(f"{file.name}: {name} must be a table")
    table = {"name": name, **tables[name]}
    for setting in settings:
        _override(table, setting)
    return build(Recipe, table, f"{file.name}: {name}")


def _read(file: Path) -> dict:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ShrumpError(f"{file} cannot be read ({error.strerror}): run from a checkout of the project") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ShrumpError(f"{file} is not valid TOML: {error}") from None


def _override(table: dict, setting: str) -> None:
    path, equals, value = setting.partition("=")
    keys = path.strip().split(".")
    if not equals or not all(keys):
        raise ShrumpError(f"--set {setting!r}: write table.key=value, such as models.gpt2.epochs=1")
    for key in keys[:-1]:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            raise ShrumpError(f"--set {setting!r}: {key} is not a table")
    try:
        table[keys[-1]] = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        table[keys[-1]] = value.strip()  # a bare word is a string


def build(kind: type, table: object, where: str):
    """Make the dataclass ``kind`` from a parsed TOML table; ``where`` opens every error's line."""
    if not isinstance(table, dict):
        raise ShrumpError(f"{where} must be a table")
    hints = typing.get_type_hints(kind)
    for key in table:
        if key not in hints:
            near = difflib.get_close_matches(key, hints, n=1)
            mend = f"did you mean {near[0]}?" if near else f"known keys are {', '.join(hints)}"
            raise ShrumpError(f"{where}.{key} is not a known key: {mend}")
    for item in dataclasses.fields(kind):
        required = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
        if required and item.name not in table:
            raise ShrumpError(f"{where}.{item.name} is missing")
    values = {key: _convert(hints[key], value, f"{where}.{key}") for key, value in table.items()}
    try:
        return kind(**values)
    except Contradiction as error:
        raise ShrumpError(f"{where}.{error.key} {error}") from None


def _convert(hint: object, value: object, where: str):
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _convert(next(kind for kind in arguments if kind is not type(None)), value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise ShrumpError(f"{where} must be a list")
        return tuple(_convert(arguments[0], item, f"{where}[{index}]") for index, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            raise ShrumpError(f"{where} must be a table")
        return {key: _convert(arguments[1], item, f"{where}.{key}") for key, item in value.items()}
    if dataclasses.is_dataclass(hint):
        return build(hint, value, where)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise ShrumpError(f"{where} must be {_NAMES[hint]}, not {value!r}")
    return value


_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
