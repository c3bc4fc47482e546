import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from scripts import docs, site

ROOT = Path(__file__).parent.parent.parent
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def test_env_example_is_what_the_code_reads():
    """.env.example names every variable with its sentence and default; mend it with: make fix."""
    assert (ROOT / ".env.example").read_text() == docs.env_example()


def test_the_reference_of_the_site_is_what_the_code_has():
    """Commands, environment, question, metrics, MCP tools and diagrams; mend them with: make fix."""
    assert [path for path, text in site.pages(docs.environment()).items() if path.read_text() != text] == []


def test_the_readme_tables_are_what_the_code_has():
    """The README's commands and variables are those of the code; mend them with: make fix."""
    readme = (ROOT / "README.md").read_text()

    assert readme == docs.filled(readme)


def test_the_readmes_pictures_are_those_that_are_taken():
    """What the README shows is there, is all that is there, and is taken by make shots."""
    shown = re.findall(r"\]\(docs/pictures/(\w+)\.png\)", (ROOT / "README.md").read_text())
    script = (ROOT / "scripts/screenshots.py").read_text()
    taken = re.search(r"^PICTURES.* = \((.+)\)$", script, re.MULTILINE)[1].split(", ")

    assert sorted(shown) == sorted(taken) == sorted(path.stem for path in (ROOT / "docs/pictures").iterdir())


def test_every_file_the_readme_links_to_is_there():
    """No link of the README or of the documents leads nowhere."""
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#]+)[)#]", page.read_text())]
    missing = [(page.name, link) for page, link in links if "://" not in link and not (page.parent / link).exists()]

    assert missing == []


def test_the_makefile_runs_what_there_is():
    """Every module that the Makefile or CI starts can be found."""
    texts = (ROOT / "Makefile").read_text() + (ROOT / ".ci/run").read_text()
    modules = set(re.findall(r"-m ((?:scripts|benchmarks)[\w.]*)", texts))

    assert modules >= {"scripts.screenshots", "scripts.docs", "benchmarks"}
    assert [module for module in modules if importlib.util.find_spec(module) is None] == []
    assert [item for item in re.findall(r"sh (scripts/\S+)", texts) if not (ROOT / item).is_file()] == []


def test_the_changelog_is_of_this_version():
    """The newest released version in the CHANGELOG is the package's; what comes next stands above it as Unreleased."""
    newest = re.search(r"^## (?!Unreleased)(\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1]

    assert newest == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == version("spend")


def test_every_dependency_is_pinned():
    """constraints.txt pins everything that may be installed, by version and never by address."""
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    named = {re.split(r"[<>=\[ ]", item)[0].lower().replace("_", "-") for item in _required()}
    pinned = {pin.split("==")[0].lower().replace("_", "-") for pin in pins}

    assert named - pinned == set()
    assert [pin for pin in pins if not re.fullmatch(r"[\w.\-]+==[\w.!+]+", pin)] == []


def _required():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [item for group in project["optional-dependencies"].values() for item in group]
    return [item for item in (*project["dependencies"], *extras) if not item.startswith("spend")]


@pytest.mark.parametrize(
    "module", ["bot.app.cli", "bot.providers.aws", "bot.providers.gcp", "bot.answering.service", "bot.language"]
)
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
