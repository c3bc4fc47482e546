"""Tab completion in the shells themselves; one that is not installed is skipped by name."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASKED = {
    "bash": (
        'eval "$(_SPEND_COMPLETE=bash_source spend)"; COMP_WORDS=({words}); COMP_CWORD={last};'
        ' _spend_completion spend; echo "${{COMPREPLY[@]}}"'
    ),
    "zsh": (
        'autoload -U compinit; compinit -u -D; eval "$(_SPEND_COMPLETE=zsh_source spend)"; echo $_comps[spend];'
        ' COMP_WORDS="{words}" COMP_CWORD={last} _SPEND_COMPLETE=zsh_complete spend'
    ),
    "fish": '_SPEND_COMPLETE=fish_source spend | source; complete -C "{words}"',
}


@pytest.fixture
def completed(tmp_path):
    """What a shell offers for words typed, the last of them unfinished."""
    (tmp_path / "spend").write_text(f"#!{sys.executable}\nfrom bot.app.cli import main\nmain()\n")
    (tmp_path / "spend").chmod(0o755)
    (tmp_path / "digests.toml").write_text(
        '[[digest]]\nname = "morning"\nchannel = "#costs"\nat = "09:00"\nquestions = ["yesterday"]\n'
    )
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment |= {
        "PROVIDERS": "openai,anthropic",
        "OPENAI_ADMIN_KEY": "k",
        "ANTHROPIC_ADMIN_KEY": "k",
        "TERM": "dumb",
    }

    def run(shell, words):
        if shutil.which(shell) is None:
            pytest.skip(f"{shell} is not installed")
        script = ASKED[shell].format(words=words, last=len(words.split()) - 1)
        done = subprocess.run(
            [shell, "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr
        return done.stdout.split()

    return run


@pytest.mark.parametrize("shell", ASKED)
def test_commands_are_completed(completed, shell):
    """The shell offers the commands that begin so, and zsh knows the function for it."""
    offered = completed(shell, "spend im")

    assert {"import", "imports"} <= set(offered)
    assert "serve" not in offered
    assert shell != "zsh" or "_spend_completion" in offered


@pytest.mark.parametrize(("words", "name"), [("spend sync an", "anthropic"), ("spend digest mo", "morning")])
def test_names_that_are_set_up_are_completed(completed, words, name):
    """Sources after sync and digests after digest, by what is set up in this folder."""
    assert name in completed("bash", words)
