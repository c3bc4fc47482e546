"""Every sentence of the program on one page, to be read in one go: ``python -m scripts.messages [ROOM…]``.

A sentence is a string of the code with two words or more that is no docstring, log line or SQL; what it is filled
with stands in braces. Grouped by what people see: answers, Slack, the terminal, MCP, and errors of the other rooms.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
_AREAS = {
    "Answers, notes, gaps, digests and alerts": ("render",),
    "Slack: forms, App Home, buttons and refusals": ("slack",),
    "Terminal: commands, settings and doctor": ("app",),
    "MCP": ("mcp",),
    "How questions are read and refused": ("language",),
}
_OTHERS = "Errors and hints of the other rooms"
_SQL = re.compile(
    r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|WITH|DROP|ALTER|ATTACH|COPY|CASE|CAST|SUM|MAX|IFNULL|FROM|WHERE|AND"
    r"|ORDER|GROUP|VALUES|DATE)\b"
    r"|.*\b(IS NULL|NOT NULL|NOT IN|BETWEEN|INTEGER|UNNEST|IN \()"
)
_WORDS = re.compile(r"[A-Za-z’']{2,} [A-Za-z{]|[A-Za-z}] [A-Za-z]{2,}")
_QUIET = frozenset(("_log", "log", "logger", "logging", "re"))
_NO_MESSAGES = ("calendar_words.py", "holidays.py", "services.py", "names.py", "normalize.py", "reader.py", "prompt.py")
"""Modules whose strings are words that people write, or names of vendors."""


class Sentence(NamedTuple):
    """A sentence and where it stands; ``{…}`` is what it is filled with."""

    path: str
    line: int
    text: str


@cache
def sentences() -> list[Sentence]:
    """All sentences of the program, by module and line."""
    found = []
    for path in sorted((ROOT / "bot").rglob("*.py")):
        if path.name not in _NO_MESSAGES:
            name = str(path.relative_to(ROOT))
            found += [Sentence(name, line, text) for line, text in _strings(ast.parse(path.read_text()))]
    return [sentence for sentence in found if _WORDS.search(sentence.text) and not _SQL.match(sentence.text)]


def page(rooms: tuple[str, ...] = ()) -> str:
    """The sentences as Markdown, a heading for each module; of the rooms that are named, or of all."""
    modules: dict[str, list[Sentence]] = {}
    for sentence in sentences():
        modules.setdefault(sentence.path, []).append(sentence)
    lines = ["# What the program says"]
    for area in (*_AREAS, _OTHERS):
        chosen = [path for path in modules if _area(path) == area and (not rooms or _room(path) in rooms)]
        lines += ["", f"## {area}"] if chosen else []
        for path in chosen:
            lines += ["", f"### {path}", ""]
            lines += [f"- {sentence.line}: {sentence.text.strip()}".replace("\n", " ⏎ ") for sentence in modules[path]]
    return "\n".join(lines)


def _room(path: str) -> str:
    return Path(path).parts[1]


def _area(path: str) -> str:
    return next((area for area, rooms in _AREAS.items() if _room(path) in rooms), _OTHERS)


def _strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}

    def visit(node: ast.AST) -> Iterator[tuple[int, str]]:
        if id(node) in docstrings or _is_quiet(node):
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
            return
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(map(_part, node.values))
        for child in _within(node):
            yield from visit(child)

    yield from visit(tree)


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """What else a node holds; of a text with gaps, only what fills them."""
    if isinstance(node, ast.JoinedStr):
        yield from (part.value for part in node.values if isinstance(part, ast.FormattedValue))
    else:
        yield from ast.iter_child_nodes(node)


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "{…}" if not isinstance(node, ast.FormattedValue) else f"{{{ast.unparse(node.value)}}}"


def _is_quiet(node: ast.AST) -> bool:
    """Whether it is a call whose strings nobody but an operator's log or the code reads."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in _QUIET
    )


if __name__ == "__main__":
    sys.stdout.write(page(tuple(sys.argv[1:])) + "\n")
