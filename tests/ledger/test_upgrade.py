"""A ledger that version 0.1.0 made is opened by this version, and answers what it answered."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.alerts.repository import RULES
from bot.analytics.budget import Budget
from bot.answering.service import AnswerService, Defaults
from bot.digests.service import Digests
from bot.ledger import Ledger
from bot.render.answer_json import result_json
from bot.render.text import headline_text

HERE = Path(__file__).parents[1] / "data" / "ledger-0.1"
ANSWERED = json.loads((HERE / "answers.json").read_text())
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    """The ledger of 0.1.0, opened and so migrated by this version."""
    path = tmp_path_factory.mktemp("upgrade") / "ledger.db"
    path.write_bytes(gzip.decompress((HERE / "ledger.db.gz").read_bytes()))
    ledger = Ledger(path)
    yield ledger
    ledger.close()


@pytest.fixture(scope="module")
def asker(upgraded):
    def budgets():
        return [Budget.model_validate(item) for item in upgraded.memory.all("budget").values()]

    return AnswerService(upgraded, clock=lambda: NOW, defaults=Defaults(UTC, budgets=budgets))


EXPECTED = {"forecast", "low", "high", "over_by", "runs_out", "note"}
"""What is worked out of figures and not a figure of the bill: this version expects otherwise, and says it otherwise."""


def held(then, now):
    """Every figure of 0.1.0, key by key; this version may say more, in other words, and in another order."""
    if isinstance(then, dict):
        wanted = {name: value for name, value in then.items() if value is not None and name not in EXPECTED}
        return all(name in now and held(value, now[name]) for name, value in wanted.items())
    if isinstance(then, list):
        return len(then) == len(now) and all(any(held(item, other) for other in now) for item in then)
    return then == now


@pytest.mark.parametrize("text", ANSWERED)
def test_what_was_answered_is_answered_still(asker, text):
    """Every total, line, step and budget is what 0.1.0 said, to the last digit."""
    reply = asker.ask(text)
    answer = result_json(reply, headline_text(reply))["answer"]
    if text == "forecast":
        del answer["series"][NOW.day - 1 :]  # what is billed of the month is held, what is expected of it is not
        then = {**ANSWERED[text], "series": ANSWERED[text]["series"][: NOW.day - 1]}
    else:
        then = ANSWERED[text]

    assert [name for name, value in then.items() if not held(value, answer.get(name))] == []


def test_what_people_made_is_there_still(upgraded, asker):
    """The digest, the alert rule and the access rule that 0.1.0 kept are read, with what they are about."""
    digests = Digests(asker, upgraded.memory, clock=lambda: NOW, zone=UTC, file=[], week_start=0)
    (digest,) = digests.all("T1")
    (rule,) = upgraded.memory.all(RULES).values()
    (access,) = upgraded.memory.get("access", "T1")["rules"]

    assert (digest.name, digest.at, digest.questions) == ("morning", "09:00", ("last week by service",))
    assert rule["min_amount"] == "25.5"
    assert access["scope"]["where"] == [{"dimension": "SubAccountName", "values": ["staging"], "exclude": False}]
