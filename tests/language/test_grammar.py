"""The grammar itself: what a pattern spans stands in one of its slots."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path

CARRYING = frozenset(
    ("amount", "business", "charges", "count", "currency", "date", "dim", "dims", "dims_plural", "grain", "length",
     "mention", "metric", "metric_", "name", "names", "names_and", "names_comma", "pace", "percent", "ref",
     "share_item", "share_whole", "timeunit", "unit", "usage_item", "usage_items")
)  # fmt: skip
"""Symbols that name, restrict or measure something, and never only say how."""
ONLY_REFUSES = "cannot"
MOST = 250
"""Entries of the closed list of words that say nothing."""


def referred(spec):
    """The places of a pattern that slots or a value use."""
    if isinstance(spec, str):
        return {int(spec[1:])} if re.fullmatch(r"\$\d+", spec) else set()
    parts = spec.values() if isinstance(spec, dict) else spec if isinstance(spec, list) else ()
    return set().union(*map(referred, parts)) if parts else set()


def test_every_name_date_and_number_that_a_pattern_spans_is_in_one_of_its_slots():
    """No production drops a word that could restrict a cost: each such place of a pattern is referred to."""
    tables = tomllib.loads(files("bot.language").joinpath("grammar.toml").read_text("utf-8"))
    dropped = []
    for name, rule in tables.items():
        slots = rule.get("slots", {})
        used = referred(slots) | referred(rule.get("value", []))
        for pattern in rule["patterns"] if ONLY_REFUSES not in slots else ():
            for place, element in enumerate(pattern.split(), 1):
                if CARRYING & set(element.rstrip("?").split("|")) and place not in used:
                    dropped.append(f"{name}: {element} in {pattern!r}")
    assert dropped == []


def test_the_words_that_say_nothing_are_at_most_250_and_restrict_nothing():
    """The closed list holds no more entries, and none of the words that name or restrict a cost."""
    tables = tomllib.loads(files("bot.language").joinpath("lexicon.toml").read_text("utf-8"))
    entries = [
        phrase.strip()
        for symbol in ("light", "function")
        for line in tables[symbol].values()
        for phrase in line.split(",")
        if phrase.strip()
    ]
    restricting = (Path(__file__).parent / "inserted_words.txt").read_text("utf-8").split()
    assert len(entries) == len(set(entries)) <= MOST
    assert set(entries).isdisjoint(restricting)
