"""How time and memory of `shrump data` grow when every row of the plays and the tweets is there N times, varied.

In every copy but the first, some words are swapped for others of the file, so that few rows are duplicates; copies of
a play have other names, copies of a tweet other years. News and genres stay as they are, and are not counted.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VARIED = {"Shakespeare_data.csv": ("Play", "PlayerLine"), "Donald-Tweets!.csv": ("Date", "Tweet_Text")}
COLUMNS = ("factor", "rows", "seconds", "cpu_seconds", "peak_mb", "cpu_seconds_per_million_rows")
FIXED = ("other_news.csv", "other_genres.csv", "mmlu_validation.jsonl")


def repeat_rows(source: Path, target: Path, factor: int) -> int:
    """Write ``factor`` copies of the rows, the first as it is; returns how many rows that makes."""
    with open(source, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    (group, text), dice = map(header.index, VARIED[source.name]), random.Random(1)
    words = [word for row in rows for word in row[text].split()]
    with open(target, "w", newline="", encoding="utf-8") as file:
        (writer := csv.writer(file)).writerow(header)
        for copy in range(factor):
            for row in rows:
                line = row[text].split(" ")
                for _ in range(1 + len(line) // 8 if copy else 0):
                    line[int(dice.random() * len(line))] = words[int(dice.random() * len(words))]
                varied = row.copy()
                varied[group], varied[text] = name_group(row[group], copy), " ".join(line)
                writer.writerow(varied)
    return factor * len(rows)


def name_group(name: str, copy: int) -> str:
    """The name of a copy's play, or its date: 16-02-29 becomes 17-02-28."""
    if not copy or not name[:2].isdigit():
        return f"{name} {copy}" if copy else name
    return f"{(int(name[:2]) + copy) % 100:02}{name[2:]}".replace("-02-29", "-02-28")


def measure(raw: Path, factor: int) -> dict[str, float]:
    """What the data stage takes on raw files of this size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = sum(repeat_rows(raw / file, folder / file, factor) for file in VARIED)
        for file in FIXED:
            (folder / file).symlink_to(raw.resolve() / file)
        command = f"-m shrump.cli data --recipe small --quiet --raw {name} --workspace {name}/run".split()
        start = time.perf_counter()
        process = subprocess.Popen([sys.executable, *command], cwd=PROJECT, stdout=subprocess.DEVNULL)
        _, process.returncode, usage = os.wait4(process.pid, 0)
        seconds, cpu = time.perf_counter() - start, usage.ru_utime + usage.ru_stime
        if process.returncode:
            sys.exit(f"shrump data failed at factor {factor}")
    return dict(zip(COLUMNS, (factor, rows, seconds, cpu, usage.ru_maxrss / 1024, cpu / rows * 1e6), strict=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--raw", type=Path, required=True, help="the folder of raw files")
    parser.add_argument("--factors", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--json", type=Path, help="write the table there too")
    options = parser.parse_args()
    print("{:>6} {:>11} {:>8} {:>12} {:>8} {:>29}".format(*COLUMNS))
    table = []
    for factor in options.factors:
        table.append(measure(options.raw, factor))
        print("{:6d} {:11,d} {:8.0f} {:12.0f} {:8.0f} {:29.1f}".format(*table[-1].values()), flush=True)
    if options.json:
        options.json.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
