"""The command line: quick help, one line and status 2 for what a person can mend, no traceback."""

import subprocess
import sys

import pytest

from shrump import progress
from shrump.cli import main
from shrump.recipe import PROJECT


@pytest.fixture
def shrump(capsys, monkeypatch):
    """Run a command in this process: its status, standard output and standard error."""
    monkeypatch.delenv("SHRUMP_RAW", raising=False)
    monkeypatch.setattr(progress, "quiet", False)

    def run(*arguments):
        try:
            status = main([str(argument) for argument in arguments]) or 0
        except SystemExit as left:
            status = left.code
        return (status, *capsys.readouterr())

    return run


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom shrump.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print([name for name in ('torch', 'transformers', 'pandas', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


COMMANDS = "run data finetune classifier answers score generate classify models plan export"


@pytest.mark.parametrize("command", COMMANDS.split())
def test_every_command_has_help(shrump, command):
    status, out, _ = shrump(command, "--help")
    assert status == 0
    assert "--workspace" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["data", "--recipe", "smal"], "there is no recipe 'smal': choose one of sample, small, paper, full"),
        (["data", "--raw", "/no/such/folder"], "the raw folder /no/such/folder does not exist"),
        (["finetune", "gpt3"], "recipe sample has no model 'gpt3': choose from gpt2, flan_t5, mistral"),
        (["run", "--models", "gpt2,gpt3"], "recipe sample has no model 'gpt3'"),
        (["data", "--set", "dataset.sharse=1"], "sample.dataset.sharse is not a known key: did you mean shares?"),
        (["data", "--no-such-option"], "unrecognized arguments: --no-such-option (see shrump"),
        (["dance"], "invalid choice: 'dance'"),
        ([], "the following arguments are required: COMMAND"),
        (["generate", "x", "--model", "nobody"], "no checkpoint 'nobody'"),
        (["generate", "x", "--model", "."], "shrump.json cannot be read"),
        (["models"], "no checkpoints in"),
        (["finetune", "gpt2"], "is missing: shrump run makes everything that shrump finetune gpt2 needs"),
        (["classify", "/no/such/file.txt"], "/no/such/file.txt"),
    ],
)
def test_what_a_person_can_mend_is_one_line_and_status_2(shrump, tmp_path, arguments, message):
    workspace = ["--workspace", tmp_path / "run"] if arguments and arguments[0] != "dance" else []
    status, out, said = shrump(*arguments, *workspace)
    assert (status, out, len(said.splitlines())) == (2, "", 1)
    assert message in said


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda raw: (raw / "Donald-Tweets!.csv").unlink(), "Donald-Tweets!.csv is missing"),
        (lambda raw: (raw / "Donald-Tweets!.csv").write_text(""), "Donald-Tweets!.csv"),
        (lambda raw: (raw / "Shakespeare_data.csv").write_text("Dataline,Play\n1,x\n"), "Shakespeare_data.csv"),
        (lambda raw: (raw / "mmlu_validation.jsonl").unlink(), "mmlu_validation.jsonl is missing"),
    ],
)
def test_damaged_raw_files_are_named(shrump, tmp_path, spoil, message):
    raw = tmp_path / "raw"
    raw.mkdir()
    for file in (PROJECT / "Dataset" / "sample").iterdir():
        if file.suffix in (".csv", ".jsonl"):
            (raw / file.name).write_bytes(file.read_bytes())
    spoil(raw)
    status, _, said = shrump("data", "--raw", raw, "--workspace", tmp_path / "run", "--quiet")
    assert (status, len(said.splitlines())) == (2, 1)
    assert message in said
    assert not list((tmp_path / "run").rglob("*.csv"))
