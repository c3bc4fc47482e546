"""Words that nobody in the field uses do not grow back, and a public class has its name to itself."""

import ast
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = tomllib.loads(Path(__file__).with_name("names.toml").read_text())
MODULES = sorted((ROOT / "bot").rglob("*.py"))


def room_of(path):
    """The folder below ``bot``, or the module that lies beside the rooms."""
    return path.relative_to(ROOT / "bot").parts[0]


@cache
def parsed():
    """Every module of the bot with its tree."""
    return [(path, ast.parse(path.read_text())) for path in MODULES]


def defined(tree):
    """Every name that a module gives to something."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.arg(arg=name)
            ):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.AnnAssign(target=ast.Attribute(attr=name)) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def words(name):
    """``_told_by`` and ``ToldBy``: told, by."""
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).casefold().split("_")


SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP)\s")


def sentences(tree):
    """The strings of a module that people read: more than a word, no docstring, no SQL (tables keep their names)."""
    text = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in text
            and " " in node.value
            and not SQL.match(node.value)
        ):
            yield node.value


def counted(kind):
    """How often each room uses a banned word."""
    found = Counter()
    for path, tree in parsed():
        if kind == "identifiers":
            found[room_of(path)] += sum(word in NAMES[kind] for name in defined(tree) for word in words(name))
        else:
            pattern = re.compile(rf"\b({'|'.join(NAMES[kind])})\b", re.IGNORECASE)
            found[room_of(path)] += sum(len(pattern.findall(sentence)) for sentence in sentences(tree))
    return {room: count for room, count in found.items() if count}


@pytest.mark.parametrize("kind", ["identifiers", "messages"])
def test_banned_words_do_not_grow_back(kind):
    """No room uses more of them than when it was last cleaned; a room that is not listed uses none."""
    allowed = NAMES.get("uncleaned", {}).get(kind, {})
    grown = {room: count for room, count in counted(kind).items() if count > allowed.get(room, 0)}
    assert not grown, f"take the term that names.toml gives: {grown} of {allowed}"


def test_a_public_class_has_its_name_to_itself():
    """No two modules give a public class the same name."""
    homes = {}
    for path, tree in parsed():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert not {name: paths for name, paths in homes.items() if len(paths) > 1}
