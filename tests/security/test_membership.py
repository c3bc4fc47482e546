"""Who is a member, and who reads a channel, is what Slack itself says: never what a payload claims, never a guess."""

import json
import time
from dataclasses import replace

import pytest
from slack_app import Bookkeeper, running

from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.slack.access import AccessRule
from simulators.slack import ADMIN, MEMBER, OUTSIDER
from simulators.slack.model import HOME_TEAM, OTHER_TEAM, Person
from simulators.slack.store import ResponseUrl

COSTS, SHARED, PRIVATE = "C0COSTS", "C0PARTNER", "G0FINANCE"
TOTAL = "$50,942"


@pytest.fixture
def run(tmp_path):
    """The app at work with a small bill."""
    ledger = Ledger(tmp_path / "ledger.db")
    with running(Bookkeeper(), ledger.memory) as found:
        yield found
    ledger.close()


def told(run, user, channel):
    """All that somebody sees of the app there, once it has said something."""
    return json.dumps(run.ws.wait_for(lambda: run.ws.from_bot(channel, None, user)))


def command(run, user, channel, team, text="this month"):
    """A signed slash command whose payload names whatever workspace it likes."""
    url = run.ws.store.response_url(ResponseUrl(channel, user, time.monotonic() + 60))
    body = {"command": "/spend", "text": text, "team_id": team, "user_id": user, "channel_id": channel}
    body |= {"response_url": run.ws.url + url, "trigger_id": run.ws.acts._trigger(user)}
    return run.ws.line.deliver("slash_commands", body)


@pytest.mark.parametrize("team", [HOME_TEAM.id, OTHER_TEAM.id, "T0NOWHERE", ""])
def test_somebody_of_another_organization_is_no_member_whatever_the_payload_says(run, team):
    """The home team, their own, one that does not exist, or none: no number in any case, in any kind of channel."""
    for channel in (COSTS, SHARED):
        assert command(run, OUTSIDER, channel, team).acked
        seen = told(run, OUTSIDER, channel)
        assert "Only members of this organization" in seen or "other organizations read" in seen
        assert TOTAL not in seen
    assert run.asker.scopes == []


@pytest.mark.parametrize("team", [OTHER_TEAM.id, "T0NOWHERE", ""])
def test_the_rules_of_the_tokens_workspace_hold_whatever_the_payload_says(run, team):
    """A member whose payload names another workspace has no more than the rules at home give."""
    run.slack.context.access.change(
        HOME_TEAM.id, (AccessRule(subject="user", id=MEMBER, scope=Scope(sources=("openai",))),)
    )
    command(run, MEMBER, COSTS, team)
    told(run, MEMBER, COSTS)
    assert run.asker.scopes
    assert all(scope.sources == ("openai",) for scope in run.asker.scopes)
    command(run, MEMBER, COSTS, team, "access")
    run.ws.wait_for(lambda: "admin" in json.dumps(run.ws.from_bot(COSTS, None, MEMBER)))


def test_workspaces_of_one_enterprise_grid_are_one_organization(run):
    """Somebody from another workspace of the same Grid is answered; from another Grid, or none, not."""
    run.ws.store.teams[HOME_TEAM.id] = replace(HOME_TEAM, enterprise="E0LUMEN")
    sister = replace(OTHER_TEAM, id="T0SISTER", enterprise="E0LUMEN")
    foreign = replace(OTHER_TEAM, id="T0FOREIGN", enterprise="E0OTHER")
    run.ws.store.teams |= {sister.id: sister, foreign.id: foreign}
    for team, user in ((sister, "U0SISTER"), (foreign, "U0FOREIGN")):
        run.ws.store.people[user] = Person(user, team.id, user, user)
        run.ws.store.channels[COSTS].members.add(user)
    command(run, "U0SISTER", COSTS, sister.id)
    assert TOTAL in told(run, "U0SISTER", COSTS)
    command(run, "U0FOREIGN", COSTS, HOME_TEAM.id)
    assert "Only members of this organization" in told(run, "U0FOREIGN", COSTS)


@pytest.mark.parametrize("way", ["slash", "mention"])
def test_where_slack_does_not_say_who_reads_a_channel_no_number_is_said(run, way):
    """It counts as shared until it is known; as soon as Slack says, the answer comes: the failure is not remembered."""
    run.ws.fail("conversations.info", "internal_error", times=1)
    ask = getattr(run.ws, way)
    words = ("/spend", "this month") if way == "slash" else ("this month",)
    ask(MEMBER, "#cloud-costs", *words)
    assert "can't see who reads this channel" in told(run, MEMBER, COSTS)
    assert run.asker.scopes == []
    text = ask(MEMBER, "#cloud-costs", *words)
    thread = text.ts or None
    run.ws.wait_for(lambda: TOTAL in json.dumps(run.ws.from_bot(COSTS, thread, MEMBER)))


def test_a_channel_that_the_app_cannot_look_into_gets_no_number(run):
    """A private channel that it is not in: it says so, and how to mend it."""
    run.ws.slash(ADMIN, PRIVATE, "/spend", "this month")
    seen = told(run, ADMIN, PRIVATE)
    assert "/invite" in seen
    assert TOTAL not in seen


def test_a_channel_that_becomes_shared_is_noticed(run):
    """Slack is asked again after a minute; what an event itself says of it counts at once."""
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "this month")
    assert TOTAL in told(run, MEMBER, COSTS)
    run.ws.store.channels[COSTS].shared_with = frozenset({OTHER_TEAM.id})
    run.ws.mention(MEMBER, "#cloud-costs", "this month")
    run.ws.wait_for(lambda: "other organizations" in json.dumps(run.ws.from_bot(COSTS, None, MEMBER)))
    assert len(run.asker.scopes) == 1
