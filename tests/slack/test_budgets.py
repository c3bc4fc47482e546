"""Budgets made, changed and let go of in Slack, through the real app in the simulated workspace."""

import json
from decimal import Decimal

import pytest

from bot.analytics.budget import Budget
from bot.domain.money import Money
from bot.domain.question import Question
from bot.domain.scope import Scope
from bot.slack.access import AccessRule
from bot.slack.installation import erase
from simulators.slack import ADMIN, MEMBER

COSTS = "#cloud-costs"
THEIRS = Budget(name="theirs", limit=Money(amount=Decimal(1), currency="USD"), question=Question(), team="T0OTHER")


def worded(run, words, user=MEMBER):
    """What the command is answered with, once it holds these words."""
    return run.ws.wait_for(
        lambda: next((item for item in run.ws.from_bot(COSTS, None, user) if words in json.dumps(item)), None)
    )


def new(run, user=MEMBER, words="budget new", **fields):
    """Enters a budget into the modal that a command opens; the reply to its submission."""
    run.ws.slash(user, COSTS, "/spend", words)
    view = run.ws.wait_for(lambda: run.ws.views(user))[-1]
    given = {"name": "chat", "question": "by service", "amount": "$3,000", "currency": "USD", "every": "month"}
    return run.ws.submit(user, view["id"], {**given, "actual": "50, 80", "forecast": "100", **fields})


def kept(run, name="chat"):
    return Budget.model_validate(run.memory.get("budget", f"T0LUMEN:{name}"))


def test_made_in_a_modal(run):
    """Limit, period, thresholds and the question, read by the language, are kept for the workspace and its maker."""
    new(run)
    worded(run, "chat is saved: $3,000 a month for by service")
    found = kept(run)
    assert (found.limit.amount, found.limit.currency, found.every) == (3000, "USD", "month")
    assert found.alert.actual == (Decimal("0.5"), Decimal("0.8"))
    assert (found.owner, found.words, found.question.by) == (MEMBER, "by service", ("ServiceName",))
    assert "budget saved" in [entry["act"] for entry in run.slack.context.audit.entries("T0LUMEN")]


@pytest.mark.parametrize(
    ("fields", "block"),
    [({"amount": "much"}, "amount"), ({"question": "florps"}, "question"), ({"actual": "half"}, "actual")],
)
def test_mistakes_are_said_at_their_field(run, fields, block):
    """What cannot be is said where it was entered, and nothing is kept."""
    assert block in new(run, **fields).body["errors"]
    assert run.memory.all("budget") == {}


def test_only_its_owner_or_an_admin_changes_it(run):
    """Another member can neither open nor delete it; an admin can, and it stays the owner's."""
    new(run, ADMIN)
    worded(run, "chat is saved", ADMIN)
    run.ws.slash(MEMBER, COSTS, "/spend", "budget delete chat")
    worded(run, "Only the owner of this budget or an admin")
    assert kept(run).owner == ADMIN
    new(run, name="mine")
    worded(run, "mine is saved")
    new(run, ADMIN, "budget edit mine", name="renamed", every="quarter")
    worded(run, "renamed is saved", ADMIN)
    assert (kept(run, "renamed").owner, kept(run, "renamed").every) == (MEMBER, "quarter")
    assert run.memory.get("budget", "T0LUMEN:mine") is None


def test_a_workspace_sees_and_loses_its_own(run):
    """Lists name no other workspace's budgets; taken out of a workspace, the app forgets that one's alone."""
    run.memory.put("budget", THEIRS.key, THEIRS.model_dump(mode="json"))
    new(run)
    worded(run, "chat is saved")
    run.ws.slash(MEMBER, COSTS, "/spend", "budget")
    assert "theirs" not in json.dumps(worded(run, "New budget"))
    erase(run.slack.context, "T0LUMEN")
    assert list(run.memory.all("budget")) == ["T0OTHER:theirs"]


def test_other_words_after_budget_are_a_question(run):
    """``/spend budget florps`` is read as one, and refused as one."""
    run.ws.slash(MEMBER, COSTS, "/spend", "budget florps")
    worded(run, "budget florps")


def test_the_workspace_makes_no_scope_another():
    """Scopes that see the same charges are one, whoever asks, so that what is known of one is kept once."""
    assert Scope(team="T1") == Scope()
    assert hash(Scope(team="T1")) == hash(Scope())
    assert Scope(team="T1").within(Scope(sources=("aws",))).team == "T1"


def test_who_sees_a_part_is_not_told_of_budgets_of_the_rest(run):
    """Neither in the list nor in a refusal: its name and limit are the affair of those who see some of its costs."""
    new(run, ADMIN, name="secret")
    worded(run, "secret is saved", ADMIN)
    new(run, name="mine")
    worded(run, "mine is saved")
    run.slack.context.access.change(
        "T0LUMEN", (AccessRule(subject="user", id=MEMBER, scope=Scope(sources=("openai",))),)
    )
    run.ws.slash(MEMBER, COSTS, "/spend", "budget")
    listed = json.dumps(worded(run, "New budget"))
    assert ("mine" in listed, "secret" in listed) == (True, False)
    run.ws.slash(MEMBER, COSTS, "/spend", "budget delete secret")
    assert "There is no budget called" in json.dumps(worded(run, "no budget called"))
