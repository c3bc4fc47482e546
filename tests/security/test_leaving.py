"""What is left of a workspace that took the app out, and what a digest tells of what was posted for others."""

import json

import pytest
from two_workspaces import NOW, POOR, RICH, Visitor, world

from bot.domain.question import Filter
from bot.domain.scope import Scope
from bot.render.digest import words
from bot.slack.access import AccessRule

ASKED = ("this month by service", "budget", "settings", "digest", "alerts", "why did it go up this week?", "florps")
LONG = " or ".join(f"zephyr Compute{n}" for n in range(3))


def memory(made):
    """Everything that the bot remembers, as one text, but how sources were pulled: that is whoever runs it's."""
    query = "SELECT kind, key, value FROM memory WHERE kind NOT IN ('sync', 'plan') ORDER BY kind, key"
    rows = made.house.ledger.connection().execute(query)
    return "\n".join(" ".join(row) for row in rows)


def test_after_an_uninstall_nothing_of_the_workspace_is_left(tmp_path):
    """Neither ids nor names: threads, settings, what buttons carry, reports, digests, budgets, log, tokens."""
    with world(tmp_path, POOR, RICH) as made:
        for company in (POOR, RICH):
            visitor = Visitor(made, company, company.admin)
            for text in ASKED:
                visitor.ask(text)
            visitor.say("last month by account")
            for _ in range(20):
                visitor.use(0)
            made.slack_service.digests.run(f"{company.mark}morning", team=company.team)
            made.slack_service.alerts.tick()
        assert RICH.team in memory(made)
        made.ws.event({"type": "app_uninstalled"}, RICH.team)
        made.ws.wait_for(lambda: not made.house.ledger.memory.all("bot", f"-/{RICH.team}"))
        made.quiet()
        left = memory(made)
        for item in (RICH.team, RICH.mark, RICH.admin, RICH.member):
            assert item not in left, [line[:200] for line in left.splitlines() if item in line]
        for item in (POOR.team, "quartzbudget", "quartzmorning"):
            assert item in left


NARROW = Scope(where=(Filter(dimension="ServiceName", values=("quartz Compute",)),))


@pytest.mark.parametrize(
    ("scope", "quoted"),
    [(Scope(sources=(POOR.source, "quartzsilent")), True), (NARROW, False), (Scope(), False), (None, False)],
    ids=["the same", "narrower", "wider", "not known"],
)
def test_what_was_posted_for_others_is_neither_compared_nor_quoted(tmp_path, scope, quoted):
    """A digest says what a figure was when posted only where its readers then saw what its readers now see."""
    with world(tmp_path, POOR) as made:
        text = {"start": "2026-11-20", "end": "2026-11-21", "totals": {"USD": "18260"}, "sources": [POOR.source]}
        if scope is not None:
            text["scope"] = scope.model_dump(mode="json", exclude={"team"})
        posted = {"state": "done", "ts": "1.2", "run": "2026-11-21T08:00:00+00:00", "said": text}
        made.house.ledger.memory.put("digest_said", f"{POOR.team}:quartzdigest:2026-11-21", posted)
        digest = made.slack_service.digests.find("quartzdigest", POOR.team)
        content = made.slack_service.digests.compose(digest, "2026-11-22", NOW)
        assert ("$18,260 when posted" in str(words(content).notes)) == quoted


def test_a_test_of_a_digest_tells_its_reader_nothing_beyond_their_scope(tmp_path):
    """Somebody with a narrow scope is not told that there is the digest; with all of it they get it, and no more."""
    with world(tmp_path, POOR) as made:
        rule = AccessRule(subject="user", id=POOR.member, scope=NARROW)
        made.slack_service.slack.context.access.change(POOR.team, (rule,))
        visitor = Visitor(made, POOR, POOR.member)
        for words in (
            "digest test quartzdigest",
            "digest test nothing",
            "digest",
            "budget edit quartzbudget",
            "alerts",
        ):
            visitor.ask(words)
        hidden, nothing, *lists = (json.dumps(seen) for _, _, seen in visitor.seen)
        assert hidden.replace("quartzdigest", "nothing") == nothing
        assert "quartzdigest" not in "".join(lists)
        assert "quartzalerts" not in "".join(lists)
