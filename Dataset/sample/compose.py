"""Compose the bundled sample corpus: five files in the published raw formats, every word invented.

    python Dataset/sample/compose.py [FOLDER]

Each register (the plays, the tweets, the news and a dozen other genres) is a table of templates and
words in grammar.toml; a small grammar engine expands them. The same seed gives the same bytes.
"""

import csv
import io
import json
import random
import re
import sys
import textwrap
import tomllib
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path

SEED = 1616
HERE = Path(__file__).resolve().parent
BOOK = tomllib.loads((HERE / "grammar.toml").read_text(encoding="utf-8"))

PLAYS_HEADER = ["Dataline", "Play", "PlayerLinenumber", "ActSceneLine", "Player", "PlayerLine"]
TWEETS_HEADER = [
    "Date", "Time", "Tweet_Text", "Type", "Media_Type", "Hashtags", "Tweet_Id", "Tweet_Url",
    "twt_favourites_IS_THIS_LIKE_QUESTION_MARK", "Retweets", "", "",
]  # fmt: skip
ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]


# ---------------------------------------------------------------- words


def alternatives(text):
    """Split a rule at bars and line ends; `3* ` before an alternative makes it three times as likely."""
    parts = [part.strip() for part in re.split(r"[|\n]", text) if part.strip()]
    pairs = [re.fullmatch(r"(?:(\d+)\* )?(.*)", part).groups() for part in parts]
    return [(words, int(weight or 1)) for weight, words in pairs]


def weighed(options):
    """The texts of a rule, and their weights summed up so far, as `random.choices` likes them."""
    texts, weights = zip(*options, strict=True)
    return list(texts), list(accumulate(weights))


def inflect(word, ending):
    """Add -s, -ed, -ing, -est or -eth to the first word of a verb: `carry forth`, `eth` -> `carrieth forth`."""
    verb, *rest = word.split(" ", 1)
    if ending == "s":
        verb = plural(verb)
    elif verb.endswith("e"):
        verb = (verb[:-1] if ending == "ing" else verb) + ending.removeprefix("e")
    elif re.search(r"[^aeiou]y$", verb) and ending != "ing":
        verb = verb[:-1] + "i" + ending
    else:
        verb += (verb[-1] if verb in DOUBLING else "") + ending
    return " ".join([verb, *rest])


def plural(noun):
    """The plural of the last word: `old wife` -> `old wives`, `morning star` -> `morning stars`."""
    head, space, last = noun.rpartition(" ")
    if last not in IRREGULAR:
        last = re.sub(r"([^aeiou])y$", r"\1ie", re.sub(r"(s|x|z|ch|sh)$", r"\1e", last)) + "s"
    return head + space + IRREGULAR.get(last, last)


DOUBLING = {word for word, _ in alternatives(BOOK["doubling"])}
IRREGULAR = dict(word.split(" ") for word, _ in alternatives(BOOK["irregular"]))
SHAPES = {
    "pl": plural,
    "up": str.upper,
    "cap": lambda text: text[:1].upper() + text[1:],
    "tag": lambda text: re.sub(r"\W", "", text.title()),
    **{end: lambda text, end=end: inflect(text, end) for end in ("s", "ed", "ing", "est", "eth")},
}
SLOT = re.compile(r"\{([^{}]+)\}")
VOWEL = r"(?=[aeio](?!ne\b|nce|u?ro)|u(?!ni|s[eu])|hono|hones|hour\b|heir|8|1[18]\b)"


def tidy(text):
    """Drop doubled words and commas, make articles agree and open every sentence with a capital."""
    text = re.sub(r"\b(\w+) \1\b", r"\1", re.sub(r",(?=[.,;:!?])", "", text))
    text = re.sub(rf"\b(a) {VOWEL}", r"\1n ", text, flags=re.IGNORECASE)
    return re.sub(r"(^\W*|[.!?\]]'? +)(?!http)([a-z])", lambda match: match[1] + match[2].upper(), text)


class Grammar:
    """Expands the {slots} of templates from the rules of one or more tables; later tables win.

    {rule} takes one of the rule's alternatives, {rule.eth} shapes it; nothing is taken twice within
    one text if twenty throws of the dice can help it.
    """

    def __init__(self, rng, *tables):
        """Read the tables' rules, and take the dice from the caller."""
        self.rng = rng
        rules = {name: text for table in tables for name, text in table.items() if isinstance(text, str)}
        self.rules = {name: weighed(alternatives(text)) for name, text in rules.items()}

    def speak(self, rule, polish=tidy):
        """One text of a register, from its topmost rule."""
        self.taken = set()
        return polish(self.expand(rule)).replace("\\n", "\r\n")

    def expand(self, rule):
        """One alternative of a rule, its slots filled."""
        texts, weights = self.rules[rule]
        for _ in range(20):
            (chosen,) = self.rng.choices(texts, cum_weights=weights)
            if chosen not in self.taken:
                break
        self.taken.add(chosen)
        return SLOT.sub(self.fill, chosen)

    def fill(self, slot):
        """The text for one slot, `rule` or `rule.shape.shape`."""
        rule, *shapes = slot[1].split(".")
        text = self.expand(rule)
        for shape in shapes:
            text = SHAPES[shape](text)
        return text

    def words(self, rule):
        """All alternatives of a rule, as a list."""
        return self.rules[rule][0]


def register(rng, table, *kin):
    """The grammar of one register: the shared words, those of its kin, its own."""
    return Grammar(rng, BOOK["shared"], *kin, table)


# ---------------------------------------------------------------- plays


def syllables(word):
    """A fair guess: groups of vowels, without a silent last e."""
    return max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e\b", "", word.lower()))))


def verse(text):
    """Break a speech into lines of about ten syllables, each opened by a capital."""
    lines, beats = [[]], 0
    for word in text.split():
        if beats + syllables(word) > 11:
            lines.append([])
            beats = 0
        lines[-1].append(word)
        beats += syllables(word)
    if len(lines) > 1 and len(lines[-1]) < 3:
        last = lines.pop()
        lines[-1] += last
    return [SHAPES["cap"](" ".join(line)) for line in lines]


class Script:
    """The rows of all plays, numbered as the published file numbers them."""

    def __init__(self, rng):
        """Begin an empty script."""
        self.rng, self.rows = rng, []
        self.play = self.number = self.place = self.player = ""

    def write(self, number, place, player, line):
        """Add one printed line."""
        self.rows.append([len(self.rows) + 1, self.play, number, place, player, line])

    def direct(self, line, mess=True):
        """A stage direction: it keeps the number of the speech before, now and then its player or line too."""
        chance = self.rng.random() if mess and self.place else 1
        player = self.player if chance < 0.04 else "Stage Directions"
        self.write(self.number, self.place if 0.04 < chance < 0.07 else "", player, line)

    def speech(self, number, scene, first, player, lines, aside=None):
        """A speech; an aside is a stage direction after its first line."""
        self.number, self.player = number, player
        for i, line in enumerate(lines):
            self.place = f"{scene}.{first + i}"
            self.write(number, self.place, player, line)
            if aside and i == 0 and len(lines) > 1:
                self.direct(aside)
        return first + len(lines)


def stage(script, grammar, rng, speeches):
    """Write one play of so many speeches: acts, scenes, entrances, speeches, exits."""
    cast = rng.sample(grammar.words("name"), rng.randint(5, 9))
    crowd = rng.sample(grammar.words("extra"), rng.randint(2, 4))
    act, scene, player = 0, 0, ""
    while speeches > 0:
        if act == 0 or (act < 5 and scene > rng.randint(1, 4)):
            act, scene = act + 1, 0
            script.direct(f"ACT {ROMAN[act - 1]}")
        scene, line = scene + 1, 1
        script.direct(f"SCENE {ROMAN[scene - 1]}. {grammar.speak('scene')}")
        players = rng.sample(cast, rng.randint(2, 4)) + rng.sample(crowd, rng.randint(0, 2))
        shown = [name.upper() if name in cast else name for name in players]
        script.direct("Enter " + ", ".join(shown[:-1]) + " and " + shown[-1], mess=False)
        for number in range(1, min(speeches, rng.randint(14, 36)) + 1):
            player = rng.choice([name for name in shown if name != player])
            text = grammar.speak("speech")
            lines = verse(text) if player.isupper() else textwrap.wrap(text, 52)
            aside = grammar.speak("aside") if rng.random() < 0.06 else None
            line = script.speech(number, f"{act}.{scene}", line, player, lines, aside)
            speeches -= 1
            if rng.random() < 0.04:
                script.direct(f"{grammar.speak('move')} {rng.choice(shown)}")
        script.direct(grammar.speak("leave"))


def plays(rng):
    """Rows of Shakespeare_data.csv."""
    grammar, script = register(rng, BOOK["shakespeare"]), Script(rng)
    for title in grammar.words("title"):
        script.play = title
        stage(script, grammar, rng, rng.randint(38, 106))
    return [PLAYS_HEADER, *script.rows]


# ---------------------------------------------------------------- tweets


def soil(text, rng, link):
    """Spoil a tweet as the published file is spoilt: apostrophes lost, characters replaced, text cut short."""
    text = re.sub("(?<=[A-Za-z])'", lambda _: rng.choices(["", "\ufffd\u06ea", "â€™"], [62, 33, 5])[0], text)
    text = re.sub(r" - ", lambda _: rng.choices([" - ", "- ", "\ufffd\ufffd\ufffd", " â€“ "], [55, 20, 22, 3])[0], text)
    if rng.random() < 0.13:
        text = re.sub(r" \w{5,}(?=[ .!])", lambda word: word[0].upper(), text, count=rng.randint(1, 2))
    if rng.random() < 0.2:
        text = text.replace(" and ", " & ")
    text = text.replace("&", "&amp;").replace(">", "&gt;")
    if text.startswith("RT @") and len(text) > 100 and rng.random() < 0.5:
        return text[: rng.randint(96, len(text) - 3)] + "\ufffd\ufffd_"
    if "http" not in text and len(text) > 60 and rng.random() < 0.05:
        return re.sub(r"\s\S*$", "\ufffd\ufffd_ ", text[:112]) + link
    return text


def tweets(rng, count=3480):
    """Rows of Donald-Tweets!.csv, newest first."""
    grammar = register(rng, BOOK["tweets"])
    start, span, rows = datetime(2016, 11, 20, 22, 30), 73 * 7 * 86400, []
    ages = sorted(rng.uniform(0, span) for _ in range(count))
    while len(rows) < count:
        text = grammar.speak("post")
        if not 16 <= len(text) <= 165:
            continue
        text = soil(text, rng, grammar.speak("link", str))
        when = start - timedelta(seconds=ages[len(rows)])
        media = "photo" if rng.random() < (0.35 if "https" in text else 0.02) else ""
        kind = "link" if "https" in text and rng.random() < 0.33 else "text"
        likes = int(rng.lognormvariate(8.7, 1.1))
        rows.append([
            when.strftime("%y-%m-%d"), f"{when.hour}:{when:%M:%S}", text, kind, media,
            ";".join(re.findall(r"#(\w+)", text)), f"{8.0e17 - ages[len(rows)] * 4.1e9:.2E}", "invented",
            likes, int(likes * rng.uniform(0.2, 0.6)), rng.randint(10**6, 10**9) if text[0] == "@" else "", "",
        ])  # fmt: skip
    return [TWEETS_HEADER, *rows]


# ---------------------------------------------------------------- everyone else


def distinct(grammar, rule, count, polish=tidy):
    """The first so many texts of a rule that differ."""
    texts = {}
    while len(texts) < count:
        texts[grammar.speak(rule, polish)] = None
    return list(texts)


def news(rng, count=2900):
    """Rows of other_news.csv."""
    grammar = register(rng, BOOK["news"])
    sources = grammar.words("source")
    stories = distinct(grammar, "story", count)
    return [["english", "source"], *([text, rng.choice(sources)] for text in stories)]


def genres(rng, count=80):
    """Rows of other_genres.csv, shuffled."""
    rows = []
    for genre, table in BOOK["genres"].items():
        grammar = register(rng, table, BOOK.get(table.get("kin"), {}))
        polish = str if "plain" in table else tidy
        rows += [[text, genre, "invented"] for text in distinct(grammar, "text", count, polish)]
    rng.shuffle(rows)
    return [["text", "genre", "source"], *rows]


def sums(rng, table):
    """Word problems: two numbers, and the answer that the problem's formula gives."""
    for ask, formula in table["problems"].items():
        for _ in range(table["each"]):
            a, b = rng.randint(*table["a"]), rng.randint(*table["b"])
            known = {"a": a, "b": b, "a+b": a + b, "a-b": a - b, "a*b": a * b}
            wrong = rng.sample([known[formula] + step for step in (-3, -2, -1, 1, 2, 3, 10)], 3)
            question = register(rng, {"ask": ask, **{name: str(value) for name, value in known.items()}}).speak("ask")
            yield question, [str(number) for number in (known[formula], *wrong)]


def facts(rng, table):
    """One question for every fact of a table; the wrong choices are other facts' answers."""
    pairs = [fact.split(": ") for fact, _ in alternatives(table["facts"])]
    for key, value in pairs:
        wrong = sorted({other for _, other in pairs} - {value})
        yield tidy(rng.choice(table["ask"]).replace("KEY", key)), [value, *rng.sample(wrong, 3)]


def quiz(rng):
    """Lines of mmlu_validation.jsonl."""
    for subject, table in BOOK["quiz"].items():
        for question, choices in facts(rng, table) if "facts" in table else sums(rng, table):
            order = rng.sample(range(4), 4)
            shuffled = [choices[i] for i in order]
            yield {"question": question, "subject": subject, "choices": shuffled, "answer": order.index(0)}


# ---------------------------------------------------------------- files


def as_csv(rows):
    """Rows as the published files hold them: carriage returns, quotes only where needed."""
    page = io.StringIO(newline="")
    csv.writer(page).writerows(rows)
    return page.getvalue()


TABLES = {
    "Shakespeare_data.csv": plays,
    "Donald-Tweets!.csv": tweets,
    "other_news.csv": news,
    "other_genres.csv": genres,
}


def compose(folder):
    """Write the five files into a folder; return how many rows each one has."""
    pages = {}
    for i, (name, make) in enumerate(TABLES.items()):
        rows = make(random.Random(SEED + i))
        pages[name] = len(rows) - 1, as_csv(rows)
    lines = [json.dumps(question, ensure_ascii=False) for question in quiz(random.Random(SEED))]
    pages["mmlu_validation.jsonl"] = len(lines), "\n".join(lines) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (_, text) in pages.items():
        (folder / name).write_bytes(text.encode("utf-8"))
    return {name: count for name, (count, _) in pages.items()}


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, count in compose(target).items():
        print(f"{name:24} {count:6,} rows {(target / name).stat().st_size / 1e6:6.2f} MB")
