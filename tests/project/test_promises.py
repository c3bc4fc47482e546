import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from scripts import docs

ROOT = Path(__file__).parent.parent.parent
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def test_env_example_is_what_the_code_reads():
    """.env.example names every variable with its sentence and default; mend it with: make fix."""
    assert (ROOT / ".env.example").read_text() == docs.env_example()


def test_the_readme_tables_are_what_the_code_has():
    """The README's commands and variables are those of the code; mend them with: make fix."""
    readme = (ROOT / "README.md").read_text()

    assert readme == docs.filled(readme)


def test_the_changelog_is_of_this_version():
    """The newest version in the CHANGELOG is the package's."""
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1]

    assert newest == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == version("spend")


def test_every_dependency_is_pinned():
    """constraints.txt pins everything that may be installed, by version and never by address."""
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    named = {re.split(r"[<>=\[ ]", each)[0].lower().replace("_", "-") for each in _required()}
    pinned = {each.split("==")[0].lower().replace("_", "-") for each in pins}

    assert named - pinned == set()
    assert [each for each in pins if not re.fullmatch(r"[\w.\-]+==[\w.!+]+", each)] == []


def _required():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [each for group in project["optional-dependencies"].values() for each in group]
    return [each for each in (*project["dependencies"], *extras) if not each.startswith("spend")]


@pytest.mark.parametrize("module", ["bot.cli", "bot.providers.aws", "bot.providers.gcp", "bot.ask", "bot.language"])
def test_vendor_libraries_load_only_when_needed(module):
    """Importing a room loads no vendor SDK, and nothing heavy that a terminal answer does without."""
    heavy = "boto3 botocore google.cloud httpx slack_bolt apscheduler pyarrow genai_prices currency_converter babel"
    program = f"import sys, {module}; print(*[name for name in {heavy.split()!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert loaded.stdout.split() == []


def test_every_test_states_its_promise():
    """Every test has a docstring."""
    silent = [
        f"{path}::{node.name}"
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]

    assert silent == []


def test_no_test_pretends():
    """No test patches what it tests, or asserts that a mock was called."""
    words = re.compile(r"unittest\.mock|monkeypatch\.setattr|\bMagicMock\b|@patch\b")
    found = [path for path in TESTS if path != Path(__file__) and words.search(path.read_text())]

    assert found == []


def test_the_map_names_the_rooms_there_are():
    """The map of the package lists exactly its rooms."""
    rooms = {path.stem for path in (ROOT / "bot").iterdir() if not path.name.startswith("__")}
    mapped = re.findall(r"^(\w+)  ", ast.get_docstring(ast.parse((ROOT / "bot/__init__.py").read_text())), re.MULTILINE)

    assert set(mapped) == rooms
