"""The page of the architecture is what the code is, and a question passes through the files that it names."""

import os
import subprocess
import sys

import pytest
from test_adding import BILL, ROOT

from scripts import architecture

MOST_FILES = 72
"""So many files of ``bot/`` one question may enter; the number only falls."""


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    """The files that a question through the command line enters."""
    home = tmp_path_factory.mktemp("home")
    (home / "bill.csv").write_text(BILL)
    environment = {
        "PATH": os.environ["PATH"],
        "LEDGER_URL": "sqlite:///spend.db",
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
    }

    def run(*words):
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=home, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    run("bot", "import", "bill.csv")
    return run("scripts.count_files", "cost by service in 2026")[:-1]


def test_the_page_is_what_the_code_is():
    """`python -m scripts.docs` leaves `docs/architecture.md` as it is."""
    page = architecture.PAGE.read_text()
    assert page == architecture.filled(page)


def test_there_is_where_to_begin_reading():
    """Each of the ten files has the function or class that the page names."""
    assert len(architecture.PATH) == 10
    assert [file for file, begin in architecture.PATH.items() if begin not in architecture.begins(file)] == []


def test_a_question_passes_through_the_files_of_the_page(entered):
    """A question through the command line enters every file of the path that is not Slack's."""
    path = {file for file in architecture.PATH if "/slack/" not in file}
    assert path <= set(entered)


def test_a_question_enters_few_files(entered):
    """A reader who follows one question opens no more files than when they were last counted."""
    assert len(entered) <= MOST_FILES, entered
