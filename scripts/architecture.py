"""Writes the generated parts of ``docs/architecture.md``: the path of a question through ten files, and the rooms.

``python -m scripts.docs`` calls it. What stands beside a file or a room is the first sentence of its docstring, the
order of the rooms is the one that import-linter holds (``pyproject.toml``); a test holds the page to both, and a
question that is answered to the path.
"""

from __future__ import annotations

import ast
import re
import tomllib
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "architecture.md"
PATH = {
    "bot/slack/listeners/messages.py": "on_message",
    "bot/slack/answers.py": "ask",
    "bot/answering/service.py": "AnswerService",
    "bot/language/parser.py": "read",
    "bot/answering/dispatch.py": "answer",
    "bot/answering/kinds/cost.py": "answer",
    "bot/answering/query.py": "LedgerReader",
    "bot/ledger/query.py": "Query",
    "bot/domain/answers/figures.py": "Line",
    "bot/render/slack/answer_message.py": "draw",
}
"""The ten files, each with the function or class to begin reading at."""


def filled(page: str) -> str:
    """The page with its generated parts as the code has them."""
    for name, text in {"path": path(), "rooms": rooms()}.items():
        page = re.sub(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", partial(_between, text), page, flags=re.DOTALL)
    return page


def _between(text: str, marks: re.Match[str]) -> str:
    return f"{marks[1]}{text}{marks[2]}"


def path() -> str:
    """One line a file: where it is, where to begin, and the first sentence of its docstring."""
    return "".join(
        f"{number}. `{file}`, `{begin}`: {_first_sentence(ROOT / file)}\n"
        for number, (file, begin) in enumerate(PATH.items(), 1)
    )


def rooms() -> str:
    """A table of the rooms in the order in which they may import each other: downwards only."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    rows = [
        f"| {level} | `{room}` | {_first_sentence(_home(room))} |\n"
        for level, layer in enumerate(layers, 1)
        for room in re.split(r"\s*[|:]\s*", layer)
    ]
    return "| Level | Room | What it is |\n|---|---|---|\n" + "".join(rows)


def _home(room: str) -> Path:
    """Where a room's docstring stands: a room may be a module alone."""
    folder = ROOT / "bot" / room
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


def begins(file: str) -> set[str]:
    """The functions and classes of a file that reading can begin at."""
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _first_sentence(file: Path) -> str:
    docstring = ast.get_docstring(ast.parse(file.read_text())) or ""
    paragraph = " ".join(docstring.split("\n\n")[0].split())
    return re.split(r"(?<=\.)\s", paragraph)[0]


def main() -> None:
    """Write the page."""
    PAGE.write_text(filled(PAGE.read_text()))


if __name__ == "__main__":
    main()
