"""The documentation's site: generated pages are of the code, examples run as shown, and no link leads nowhere."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from scripts import site

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if "```console" in page.read_text()]


@pytest.fixture
def shell(tmp_path):
    """Runs a line in a folder with the examples, where `spend` is this one and the day is 22 November 2026."""
    shutil.copytree(EXAMPLES, tmp_path / "here")
    program = tmp_path / "bin" / "spend"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom bot.app.cli import main\nmain()\n")
    program.chmod(0o755)
    environment = {"PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment |= {"SPEND_NOW": "2026-11-22T09:00:00Z", "LANG": "C.UTF-8"}

    def run(line):
        done = subprocess.run(
            ["sh", "-c", line], cwd=tmp_path / "here", env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"$ {line}\n{done.stdout}{done.stderr}"
        return done.stdout

    return run


def steps(page):
    """Every command of a page's console blocks with the lines that are shown below it."""
    for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL):
        for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, shown = command.partition("\n")
            yield line, shown.splitlines()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_example_prints_what_is_shown(page, shell):
    """Each command ends well and prints the lines below it, in their order; … stands for anything."""
    for line, shown in steps(page):
        printed, at = shell(line), 0
        for expected in filter(None, (part for item in shown for part in item.split("…"))):
            found = printed.find(expected, at)
            assert found >= 0, f"$ {line}\nprints no {expected!r} there:\n{printed}"
            at = found + len(expected)


def test_exit_codes_are_as_documented(tmp_path):
    """Done, failed, refused and not understood end with the documented codes, in every form."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment |= {"SPEND_NOW": "2026-11-22T09:00:00Z"}

    def code(*words):
        command = [sys.executable, "-m", "bot", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False).returncode

    (tmp_path / "bad.csv").write_text("no bill")
    assert code("ask", "last month") == 1
    assert code("import", str(EXAMPLES / "bill.csv")) == 0
    assert code("import", "bad.csv") == 2
    assert code("ask", "last month", "--format", "xml") == 2
    assert code("ask", "spend on florbs") == code("ask", "spend on florbs", "--json") == 3
    assert code("ask", "last month", "--format", "csv") == 0
    assert set(site.EXIT_CODES) == {0, 1, 2, 3, 130}


@pytest.mark.skipif(find_spec("zensical") is None, reason="zensical is not installed (pip install '.[docs]')")
def test_no_link_of_the_built_site_leads_nowhere(tmp_path):
    """The site is built without the network; every link in it has its target, and nothing is loaded from elsewhere."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    program = str(Path(sys.executable).with_name("zensical"))
    done = subprocess.run([program, "build", "--strict"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

    missing, elsewhere = [], []
    for page in (tmp_path / "site").rglob("*.html"):
        text = page.read_text()
        for attribute, target in re.findall(r'\b(href|src)="([^"]*)"', text):
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                elsewhere += [target] if attribute == "src" or "stylesheet" in text[: text.find(target)][-60:] else []
            elif parts.path and not parts.path.startswith("/") and not (page.parent / unquote(parts.path)).exists():
                missing.append((page.name, target))
    assert missing == []
    assert elsewhere == []
