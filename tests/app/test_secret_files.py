"""Secrets that stand in files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.app.settings.loading import secrets_from_files
from bot.domain.errors import Misconfigured

ROOT = Path(__file__).parents[2]


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text("xoxb-from-a-file\n")
    return str(path)


@pytest.mark.parametrize(
    "name",
    [
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "OPENAI_ADMIN_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "LEDGER_URL",
        "METRICS_TOKEN",
    ],
)
def test_each_secret_may_stand_in_a_file(secret, name):
    """The file's text without the line's end is the secret; a variable that is set itself wins."""
    assert secrets_from_files({f"{name}_FILE": secret}) == {name: "xoxb-from-a-file"}
    assert secrets_from_files({f"{name}_FILE": secret, name: "own"}) == {}


@pytest.mark.parametrize(
    "name", ["SOURCES_FILE", "DIGESTS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_SHARED_CREDENTIALS_FILE"]
)
def test_other_files_are_left_alone(secret, name):
    """Files that are no secret of ours are not read."""
    assert secrets_from_files({name: secret}) == {}


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_a_file_that_holds_no_secret_is_said(tmp_path, content):
    """Missing, empty or no text: one sentence that names the variable and never the content."""
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(Misconfigured, match="SLACK_BOT_TOKEN_FILE"):
        secrets_from_files({"SLACK_BOT_TOKEN_FILE": str(path)})


def test_the_program_reads_them(tmp_path):
    """A ledger's URL that stands in a file is used by the commands."""
    (tmp_path / "url").write_text(f"sqlite:///{tmp_path}/other.db")
    environment = {**os.environ, "LEDGER_URL_FILE": str(tmp_path / "url"), "PYTHONPATH": str(ROOT)}
    environment.pop("LEDGER_URL", None)
    run = subprocess.run(
        [sys.executable, "-m", "bot", "ask", "spend"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "other.db" in run.stderr
