"""Every example of the README and the documents is run, or read by the code that it is for; see test_docs_site, too."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from bot.app.cli import spend
from bot.app.settings import Settings, variables
from bot.digests.model import declared

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    (page.relative_to(ROOT).as_posix(), language, re.sub(rf"^{indent}", "", text, flags=re.MULTILINE))
    for page in PAGES
    for indent, language, text in FENCE.findall(page.read_text())
]
ELSEWHERE = {
    "make demo": "the demo is started by tests/simulators, and from its wheel by make release",
    "make test": "this is it",
    "spend init": "asks questions; tests/app/test_init.py answers them",
    "pipx install spend": (
        "needs the published package; make release installs the wheel, which was run with uvx and pipx by hand"
    ),
    "claude mcp add spend --env LEDGER_URL=sqlite:////data/spend.db -- spend mcp": (
        "needs Claude's own program; `spend mcp` is started by tests/mcp and by the Inspector"
    ),
    'claude mcp add --transport http spend https://spend.example.com/mcp --header "Authorization: Bearer spend_…"': (
        "needs Claude's own program and a server; deploy/examples/mcp_client.py connects like it in tests/mcp"
    ),
}
"""Lines that no test of this file runs, and why."""


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """Runs a command of ours in an empty folder, with nothing else in its environment; what it printed."""
    monkeypatch.chdir(tmp_path)
    for name in variables(Settings):
        monkeypatch.delenv(name, raising=False)

    def run(*words):
        done = CliRunner().invoke(spend, words)
        assert done.exception is None, f"{words}: {done.exception!r} {done.output}"
        return done.output

    run("import", str(ROOT / "docs/examples/bill.csv"))
    return run


def of(language):
    """The examples in a language, by page."""
    found = [(page, text) for page, kind, text in BLOCKS if kind == language]
    return pytest.mark.parametrize(("page", "text"), found, ids=[f"{page}-{at}" for at, (page, _) in enumerate(found)])


def test_every_example_is_in_a_language_that_is_tested():
    """A new kind of example needs a test here; texts are the generated reference, held by tests of the project."""
    assert {language for _, language, _ in BLOCKS} <= {"console", "json", "sh", "text", "toml", "yaml"}
    texts = {page for page, language, _ in BLOCKS if language == "text"}
    assert texts <= {"docs/reference/commands.md", "docs/language.md"}


@of("sh")
def test_shell_lines_run(page, text, ran):
    """Each line ends well beside a small ledger, one after the other, or stands in the list with its reason."""
    for line in text.splitlines():
        if line and line not in ELSEWHERE:
            words = shlex.split(line)
            assert words[0] == "spend", f"{page}: {line}"
            ran(*words[1:])


def test_the_list_of_lines_that_are_not_run_is_of_the_documents():
    """Nothing stands in it that no page shows."""
    shown = {line for _, language, text in BLOCKS if language == "sh" for line in text.splitlines()}
    assert set(ELSEWHERE) <= shown


@of("json")
def test_json_is_read(page, text):
    """Clients' settings start `spend mcp` with variables that exist; a policy has its statements."""
    value = json.loads(text)
    if page.startswith("docs/reference/"):  # generated, and held to the code with its page
        return
    for server in (value.get("mcpServers") or value.get("servers") or {}).values():
        assert (server["command"], server["args"]) == ("spend", ["mcp"])
        assert set(server["env"]) <= set(variables(Settings))
    assert value.keys() & {"mcpServers", "servers", "Statement"}


@of("yaml")
def test_yaml_adds_to_the_manifest(page, text):
    """Parts of a Slack app's manifest, under keys that it knows."""
    value = yaml.safe_load(text)
    assert value.keys() <= {"mcp_servers", "functions", "settings"}


@of("toml")
def test_toml_is_read(page, text, ran, tmp_path):
    """Digests and sources by the code that reads their files; tables of the language have the names of ours."""
    value = tomllib.loads(text)
    if "digest" in value:
        assert declared(value)
    elif "source" in value:
        (tmp_path / "sources.toml").write_text(text)
        assert "140.75" in ran("ask", "last month", "--today", "2026-11-22", "--format", "csv")
    elif "budget" in value:  # tests/app/test_example_files.py holds it to the file that it is of, and reads that
        assert page == "README.md"
    else:
        ours = [tomllib.loads(path.read_text()) for path in (ROOT / "bot/language").glob("*.toml")]
        known = {name for table in ours for name in table}
        assert value.keys() & known or all("patterns" in entry for entry in value.values())


COMMANDS = re.findall(r"`(spend (?!\w+-)[^`\n]+)`", "\n".join(page.read_text() for page in PAGES))


@pytest.mark.parametrize("line", sorted(set(COMMANDS)))
def test_every_command_that_is_named_exists(line):
    """A command named in a sentence is one of ours, with options that it has."""
    words = re.sub(r"[…“”]", "", line.replace("'", "").replace('"', "")).split()[1:]
    context = click.Context(spend)
    command = spend
    for word in words:
        if not isinstance(command, click.Group) or word.startswith("-") or word.strip("[]").isupper():
            break
        command = command.get_command(context, word)
        assert command is not None, f"{line}: there is no {word}"
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert {word.split("=")[0] for word in words if word.startswith("--")} <= known | {"--help", "--version"}
