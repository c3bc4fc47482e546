"""Aliases and corrections in the ledger."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.domain.question import Filter, Question
from bot.ledger import Ledger
from bot.ledger.taught.aliases import Alias
from bot.ledger.taught.corrections import Correction

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PROD = (Filter(dimension="SubAccountName", values=("prod",)),)
STAGE = (Filter(dimension="SubAccountName", values=("stage",), exclude=True),)


def alias(number, phrase="blue", filters=PROD, team="T1"):
    """An alias added in the given minute."""
    return Alias(f"k{number}", team, phrase, "prod", filters, "U1", AT + timedelta(minutes=number))


@pytest.fixture
def ledger(tmp_path):
    """An empty ledger."""
    ledger = Ledger(tmp_path / "l.db")
    yield ledger
    ledger.close()


def check_aliases(ledger):
    """Adding replaces, removing ends, and undoing walks back through both; each change is a new version."""
    aliases, versions = ledger.aliases, [ledger.aliases_version()]

    def phrases():
        versions.append(ledger.aliases_version())
        return {item.phrase: item.filters for item in aliases.all("T1")}

    aliases.add(alias(1))
    assert phrases() == {"blue": PROD}
    aliases.add(alias(2, filters=STAGE))
    assert phrases() == {"blue": STAGE}
    aliases.add(alias(3, "red"))
    assert aliases.remove("T1", "blue", "U2", AT + timedelta(minutes=4))
    assert not aliases.remove("T1", "blue", "U2", AT + timedelta(minutes=5))
    assert phrases() == {"red": PROD}
    assert [aliases.undo("T1")[0] for _ in range(2)] == ["removed", "added"]
    assert phrases() == {"blue": STAGE}
    assert aliases.undo("T1")[0] == "added"
    assert phrases() == {"blue": PROD}
    assert aliases.undo("T1")[0] == "added"
    assert phrases() == {}
    assert aliases.undo("T1") is None
    assert versions == sorted(set(versions))


def check_corrections(ledger):
    """What one person repeats on a day is one row; what is too old goes when the next is kept."""
    corrections, since = ledger.corrections, AT - timedelta(days=30)
    text = Correction(AT, "T1", "U1", "refused", "blarg costs", ("blarg",))
    asked = Question(where=PROD)
    for item in (
        replace(text, at=AT - timedelta(days=31)),
        text,
        replace(text, at=AT + timedelta(hours=1)),
        replace(text, person="U2"),
        replace(text, team="T2", kind="reported", reading="prod", question=asked),
    ):
        corrections.add(item, since=since)
    kept = corrections.all(since=since)
    assert sorted((item.team, item.person, item.times) for item in kept) == [
        ("T1", "U1", 2),
        ("T1", "U2", 1),
        ("T2", "U1", 1),
    ]
    assert [item.question for item in kept if item.team == "T2"] == [asked]
    assert kept[0].unread == ("blarg",)
    corrections.forget("T1")
    assert [item.team for item in corrections.all(since=since)] == ["T2"]


def test_aliases_are_added_replaced_removed_and_undone(ledger):
    """As ``check_aliases`` says."""
    check_aliases(ledger)


def test_corrections_are_counted_and_end(ledger):
    """As ``check_corrections`` says."""
    check_corrections(ledger)


def test_a_workspaces_own_alias_wins_over_that_for_all(ledger):
    """Of two meanings a workspace has its own; who runs the bot has none where two workspaces differ."""
    aliases = ledger.aliases
    for item in (alias(1, team=""), alias(2, filters=STAGE), alias(3, "red"), alias(4, "red", STAGE, team="T2")):
        aliases.add(item)
    assert aliases.meanings("T1") == {"blue": STAGE, "red": PROD}
    assert aliases.meanings("T2") == {"blue": PROD, "red": STAGE}
    assert aliases.meanings("T3") == {"blue": PROD}
    assert aliases.meanings("") == {"blue": PROD}
    aliases.forget("T1")
    assert aliases.meanings("T1") == {"blue": PROD}
