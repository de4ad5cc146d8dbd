"""What is done to a text before it is counted, and the view of a text that hides cheap cues."""

import html
import re
from collections import Counter
from collections.abc import Iterator

import ftfy

from shrump.dataset.cutting import count_words, cut_text
from shrump.recipe import Cleaning

# a link, what announces it (": ", "... "), and one that Twitter cut off ("https:...")
_LINK = re.compile(
    r"(?:\s?(?:\.{3}|…|[:–—-])){0,3}\s?"
    r"(?:(?:https?://|www\.|pic\.twitter\.com/|t\.co/)\S*|\bht(?:tps?)?[:/]{0,3}(?:…|\.{3}))",
    re.IGNORECASE,
)
_RETWEET = re.compile(r"\s*RT[\s:]+@", re.IGNORECASE)
_OPENING_QUOTE = re.compile(r"[\s.]*[\"“”'‘’]")
_QUOTED_TWEET = re.compile(r"[\s.]*[\"“”'‘’]+\s*[.@]*@\w")
_QUOTED_WHOLE = re.compile(r"\s*[\"“][^\"“”]+[\"”]\s*")
# UTF-8 punctuation that was read as Mac Roman, written as Latin-1 and read as UTF-8 lost bytes for good; these
# are what remains of an apostrophe, a closing quote, a bullet, an ellipsis, an opening quote or a dash, and anything.
_LOST = (
    (re.compile("\ufffd\u06ea"), "'"),
    (re.compile("\ufffd+\u06dd"), '"'),
    (re.compile("\ufffd\u06e2"), "-"),
    (re.compile("\ufffd{2}_"), "..."),
    (re.compile("(?<!\\S)\ufffd{3}(?=\\w)"), '"'),
    (re.compile("\\s?\ufffd{3}\\s?"), " - "),
    (re.compile("_?[\ufffd\u0250-\u07ff]*\ufffd[\ufffd\u0250-\u07ff]*_?"), ""),
)
_BARE_ENTITY = re.compile(r"\b(?:quot|amp|lt|gt|nbsp);|#\d{2,4};")  # some news has lost the "&"
_MAYBE_LINK = re.compile(r"http|\bht|www\.|t\.co/|twitter\.com/", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def is_retweet(text: str) -> bool:
    """Whether a tweet repeats another: it opens with "RT @"."""
    return _RETWEET.match(text) is not None


def is_quotation(text: str) -> bool:
    """Whether a tweet's words are another's: it opens with a quoted "@user", or is all one quotation."""
    if not _OPENING_QUOTE.match(text):
        return False
    return bool(_QUOTED_TWEET.match(text) or _QUOTED_WHOLE.fullmatch(_LINK.sub("", text)))


def clean_texts(text: str, rules: Cleaning, dropped: Counter, mended: Counter) -> Iterator[tuple[str, int]]:
    """The clean texts that one raw text gives, each with its words: none, one, or pieces where it is too long.

    ``dropped`` counts texts by the rule that dropped them, ``mended`` those that a rule changed.
    """
    for piece in cut_text(_mend(text, rules, mended), rules.max_words):
        words = count_words(piece)
        if not words:
            dropped["empty"] += 1
        elif words < rules.min_words:
            dropped["short"] += 1
        else:
            yield piece, words


def _mend(text: str, rules: Cleaning, mended: Counter) -> str:
    for rule, mend, suspect in _MENDING:
        if getattr(rules, rule) and suspect(text):
            better = mend(text)
            mended[rule] += better != text
            text = better
    return _SPACE.sub(" ", text).strip()


def _mend_mojibake(text: str) -> str:
    text = ftfy.fix_text(text, unescape_html=False)
    if "\ufffd" in text:
        for lost, meant in _LOST:
            text = lost.sub(meant, text)
    return text


def _unescape(text: str) -> str:
    twice = html.unescape(html.unescape(text))  # some tweets hold "&amp;amp;"
    return _BARE_ENTITY.sub(lambda bare: html.unescape(f"&{bare[0]}"), twice)


_MENDING = (
    ("mojibake", _mend_mojibake, lambda text: not text.isascii()),
    ("entities", _unescape, lambda text: ";" in text),
    ("links", lambda text: _LINK.sub("", text), lambda text: _MAYBE_LINK.search(text) is not None),
)

_HASHTAG_OR_MENTION = re.compile(r"[#@](\w+)")
_QUOTES = re.compile(r"[\"“”«»‘’`']+")
_MARKS = re.compile(r"[^\w\s]+|_+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def neutralise_cues(text: str) -> str:
    """The same words without what gives an author away for free.

    Links, quotes and all other marks are gone, hashtags and mentions are plain words, everything is in lower
    case with single spaces. What is left to tell authors by is what they say, and in which words.
    """
    text = _LINK.sub(" ", text)
    text = _HASHTAG_OR_MENTION.sub(lambda match: _CAMEL.sub(" ", match[1]), text)
    text = _MARKS.sub(" ", _QUOTES.sub("", text))
    return _SPACE.sub(" ", text).strip().lower()
