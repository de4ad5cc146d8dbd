"""Where the public raw files come from: nothing but data. Licences stand in Dataset/README.md."""

from dataclasses import dataclass

NEWS, GENRES, QUIZ = "other_news.csv", "other_genres.csv", "mmlu_validation.jsonl"


@dataclass(frozen=True)
class KaggleFile:
    """One file of a Kaggle set; ``sha256`` where the publisher's file is fixed."""

    set: str
    sha256: str = ""


@dataclass(frozen=True)
class HubTexts:
    """One column of a Hugging Face set at a pinned revision; ``genre`` names its texts."""

    set: str
    revision: str
    column: str
    split: str = "train"
    config: str = ""
    genre: str = ""


@dataclass(frozen=True)
class Book:
    """The paragraphs of a Project Gutenberg text; editions change, so its hash is recorded, not fixed."""

    number: int
    genre: str


KAGGLE = {
    "Shakespeare_data.csv": KaggleFile("kingburrito666/shakespeare-plays"),
    "Donald-Tweets!.csv": KaggleFile(
        "kingburrito666/better-donald-trump-tweets", "5143ed6babfb0fbf91ec83988c692a6700beb5988d2d1a65a4de706175d4d90c"
    ),
}

NEWS_COMMENTARY = HubTexts(
    "sentence-transformers/parallel-sentences-news-commentary",
    "e75ea5095ea894e4e7fa13e89d2641e704bd3f4e",
    "english",
    config="en-de",
)

MMLU = HubTexts("cais/mmlu", "c30699e8356da336a370243923dbaf21066bb9fe", "question", "validation", "all")

OTHER_GENRES: tuple[HubTexts | Book, ...] = (
    HubTexts(
        "m-newhauser/senator-tweets", "b9f1a70fa02d110e6b401f61457636038896dc6a", "text", genre="politician_tweets"
    ),
    HubTexts(
        "cardiffnlp/tweet_eval", "b3a375baf0f409c77e6bc7aa35102b7b3534f8be", "text", config="sentiment", genre="tweets"
    ),
    HubTexts("stanfordnlp/imdb", "e6281661ce1c48d982bc483cf8a173c1bbeb5d31", "text", genre="film_review"),
    HubTexts(
        "fancyzhx/amazon_polarity",
        "9d9c45c18f8c3cf1b23a3c27917b60cbf28f3289",
        "content",
        "test",
        genre="product_review",
    ),
    HubTexts("Yelp/yelp_review_full", "c1f9ee939b7d05667af864ee1cb066393154bf85", "text", "test", genre="place_review"),
    HubTexts(
        "Salesforce/wikitext",
        "b08601e04326c79dfdd32d625aee71d232d685c3",
        "text",
        config="wikitext-2-raw-v1",
        genre="encyclopedia",
    ),
    HubTexts("euclaise/writingprompts", "35f0aa359452ba8147b34d925684fccee26679cc", "story", "test", genre="fiction"),
    HubTexts("FiscalNote/billsum", "3d8510441c06a3d9dfb32eb0d7f80151730bcc4f", "text", "test", genre="law"),
    HubTexts(
        "databricks/databricks-dolly-15k", "bdd27f4d94b9c1f951818a7da7fd7aeea5dbff1a", "response", genre="explanation"
    ),
    HubTexts(
        "gfissore/arxiv-abstracts-2021",
        "783a340c8a8519e7325f0391e751ca0b238e5ca5",
        "abstract",
        genre="science_abstract",
    ),
    Book(779, "early_modern_drama"),  # Marlowe, Doctor Faustus
    Book(575, "early_modern_prose"),  # Bacon, Essays
    Book(10, "scripture"),  # the King James Bible
    Book(26, "epic_verse"),  # Milton, Paradise Lost
)
