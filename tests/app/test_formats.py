"""One answer in the form that is asked for."""

import json

import pytest
from test_cli import bill, run

from bot.app.cli.base import say
from bot.domain.errors import NotUnderstood

HOSTILE = "*bold* | [x](http://evil)"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a ledger in which one service's name is Markdown."""
    folder = tmp_path_factory.mktemp("formats")
    (folder / "bill.csv").write_text(bill({}, {"ServiceName": HOSTILE, "BilledCost": "0.25"}))
    assert run(folder, "import", "bill.csv").returncode == 0
    return folder


def asked(home, *words):
    """What ``spend ask`` prints of October by service."""
    done = run(home, "ask", "october 2026 by service", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def test_json_by_either_name_is_the_same(home):
    """``--format json`` is ``--json``."""
    assert json.loads(asked(home, "--format", "json")) == json.loads(asked(home, "--json"))


def test_csv_is_exact(home):
    """Every row with its exact amount."""
    rows = asked(home, "--format", "csv").splitlines()
    assert rows[1] == "Acme Compute,2026-10-01,2026-11-01,1.5,USD"


def test_markdown_is_a_table_that_names_from_bills_cannot_break(home):
    """The headline, a table with the amounts to the right, and names that format nothing."""
    text = asked(home, "--format", "markdown")

    assert text.startswith("**$1.75")
    assert "| Acme Compute |" in text
    assert r"\*bold\* \| \[x\](http://evil)" in text


@pytest.mark.parametrize("form", ["csv", "markdown"])
def test_many_questions_are_lines(home, form):
    """Questions from standard input are answered a line each, so other forms are refused in a sentence."""
    done = run(home, "ask", "-", "--format", form, stdin=b"october\n")

    assert done.returncode == 2
    assert b"--format" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_question_back_lists_what_can_be_asked(capsys):
    """What may mean two things is asked on standard error, each choice as the command that asks it."""
    say(NotUnderstood.between("That can mean 2 questions.", "Which one?", ["team core", "product core"]))

    result = capsys.readouterr().err.splitlines()
    assert result == [
        "That can mean 2 questions.",
        "Which one?",
        '  spend ask "team core"',
        '  spend ask "product core"',
    ]
