"""Digests made, changed and watched in Slack, through the real app in the simulated workspace."""

import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from slack_app import NOW

from bot.coordination.exactly_once import Pace
from bot.digests.holidays import countries
from bot.digests.service import Digest, Digests, declared
from bot.domain.errors import NotUnderstood
from bot.slack.app import add_digests
from bot.slack.installation import erase
from bot.slack.posting.publishers import DigestPublisher
from simulators.slack import ADMIN, GUEST, MEMBER

COSTS = "#cloud-costs"


@pytest.fixture
def digests(run):
    """The room that makes digests, joined to the app, with one of a file."""
    context = run.slack.context
    file = declared({"digest": [{"name": "daily", "channel": COSTS, "at": "09:00"}]})
    publisher = DigestPublisher(context, lambda _team: run.slack.app.client)
    found = Digests(
        run.asker,
        run.memory,
        clock=lambda: NOW,
        zone=ZoneInfo("UTC"),
        file=file,
        publisher=publisher,
        pace=Pace(1, 0.05),
    )
    add_digests(run.slack, found)
    return found


def menu(message, name):
    """The menu of a digest in a list."""
    for block in message["blocks"]:
        if block["type"] == "section" and block["text"]["text"] == name:
            return block["accessory"], block["block_id"]
    raise LookupError(name)


def worded(run, words, count=1, user=MEMBER):
    """What the command is answered with, once it holds these words."""
    return run.ws.wait_for(
        lambda: next((item for item in run.ws.from_bot(COSTS, None, user) if words in json.dumps(item)), None)
    )


def view(run, user=MEMBER):
    return run.ws.wait_for(lambda: run.ws.views(user))[-1]


def new(run, user=MEMBER, **fields):
    """Makes a digest by the modal; the reply to its submission."""
    run.ws.slash(user, COSTS, "/spend", "digest new")
    given = {
        "name": "mine",
        "channel": "C0COSTS",
        "days": "mon-fri",
        "at": "08:30",
        "questions": "this month",
        **fields,
    }
    return run.ws.submit(user, view(run, user)["id"], given)


def test_list_shows_when_and_where(run, digests):
    """Every digest with its clock, its place, its next run and a menu; the file's cannot be changed here."""
    run.ws.slash(MEMBER, COSTS, "/spend", "digest")
    message = worded(run, "Digests")
    result = json.dumps(message["blocks"])
    assert "Posted to" in result
    assert "every day at 09:00 \\u00b7 next Mon 23 Nov 09:00" in result
    assert '"#cloud-costs"' in result
    assert "next Mon 23 Nov 09:00" in result
    options = [option["value"] for option in menu(message, "daily")[0]["options"]]
    assert options == ["test:daily", "history:daily", "pause:daily"]


def test_made_in_a_modal(run, digests):
    """The modal makes a digest in the person's timezone that posts where it was told to."""
    new(run)
    worded(run, "mine is saved: Monday to Friday at 08:30")
    digest = digests.find("mine", "T0LUMEN")
    assert (digest.channel, digest.owner, digest.timezone) == ("C0COSTS", MEMBER, "Europe/Berlin")
    assert digest.questions == ("this month",)
    assert digests.run("mine", team="T0LUMEN").state == "posted"
    assert "$" in run.ws.from_bot(COSTS)[-1]["text"]


def test_without_a_channel_it_comes_to_the_person_alone(run, digests):
    """Left empty, the place is the person's direct messages."""
    run.ws.slash(MEMBER, "#general", "/spend", "digest new")
    modal = view(run)
    run.ws.submit(MEMBER, modal["id"], {"name": "mine", "channel": None, "days": "daily", "at": "08:30"})
    run.ws.wait_for(lambda: [item for item in digests.all("T0LUMEN") if item.name == "mine"])
    assert digests.find("mine", "T0LUMEN").channel in {MEMBER, "C0GENERAL"}


def test_canvas_and_holidays_are_fields_of_the_form(run, digests):
    """What the form takes is kept, is there when it opens again, and can be taken back; a canvas needs a channel."""
    assert countries()["US"] == "United States"  # loaded before Slack's three seconds run
    new(run, canvas=["yes"], holidays={"value": "US", "text": {"type": "plain_text", "text": "United States"}})
    run.ws.wait_for(lambda: [item for item in digests.all("T0LUMEN") if item.name == "mine"])
    kept = digests.find("mine", "T0LUMEN")
    assert (kept.canvas, kept.holidays) == (True, "US")

    run.ws.slash(MEMBER, COSTS, "/spend", "digest edit mine")
    modal = run.ws.wait_for(lambda: [item for item in run.ws.views(MEMBER) if "Change" in item["title"]["text"]])[-1]
    elements = {block["block_id"]: block["element"] for block in modal["blocks"] if block["type"] == "input"}
    assert elements["canvas"]["initial_options"][0]["value"] == "yes"
    assert elements["holidays"]["initial_option"]["value"] == "US"
    refused = run.ws.submit(MEMBER, modal["id"], {"channel": None})
    assert "kept in a channel" in refused.body["errors"]["canvas"]
    run.ws.submit(MEMBER, modal["id"], {"channel": "C0COSTS", "canvas": []})
    run.ws.wait_for(lambda: not digests.find("mine", "T0LUMEN").canvas)


@pytest.mark.parametrize(
    ("fields", "block", "why"),
    [
        ({"cron": "0 9 * *"}, "cron", "five"),
        ({"questions": "florps"}, "questions", "florps"),
        ({"channel": "C0PARTNER"}, "channel", "other organizations"),
        ({"name": "daily"}, "name", "already"),
        ({"name": "a/b"}, "name", "not a valid name"),
    ],
)
def test_mistakes_are_said_at_their_field(run, digests, fields, block, why):
    """What cannot be is said where it was entered, and the modal stays."""
    reply = new(run, **fields)
    assert why in reply.body["errors"][block]
    assert run.ws.views(MEMBER)


def test_schedule_this_keeps_the_question(run, digests):
    """Scheduling an answer makes a digest of its question, whose days move along."""
    asked = run.ws.mention(MEMBER, COSTS, "by service")
    answer = run.answer(COSTS, thread=asked.ts)
    more = next(
        e for b in answer["blocks"] if b["type"] == "actions" for e in b["elements"] if e["action_id"] == "more"
    )
    run.ws.click(MEMBER, answer["ts"], "more", more["options"][2]["value"])
    modal = view(run)
    assert "dates moved forward" in json.dumps(modal["blocks"], ensure_ascii=False)
    run.ws.submit(MEMBER, modal["id"], {"name": "services", "channel": "C0COSTS", "days": "mon", "at": "09:00"})
    run.ws.wait_for(lambda: [item for item in digests.all("T0LUMEN") if item.name == "services"])
    digest = digests.find("services", "T0LUMEN")
    assert digest.questions[0].question.by == ("ServiceName",)
    assert not digest.overview
    assert digests.run("services", team="T0LUMEN").state == "posted"
    (message,) = [item for item in run.ws.from_bot(COSTS) if item.get("metadata")]
    assert "data_table" in [block["type"] for block in message["blocks"]]


def test_test_comes_to_the_person_alone(run, digests):
    """A test goes to whoever asked for it, and counts as none."""
    run.ws.slash(MEMBER, COSTS, "/spend", "digest test daily")
    worded(run, "direct messages")
    assert "Daily costs" in run.ws.from_bot(run.ws.dm_channel(MEMBER))[0]["text"]
    assert run.ws.from_bot(COSTS) == []
    assert digests.run("daily").state == "posted"


def test_pause_resume_and_delete_are_for_owner_and_admins(run, digests):
    """Others are told whom to ask; the owner and admins may."""
    new(run)
    worded(run, "mine is saved")
    run.ws.slash("U0MEI", COSTS, "/spend", "digest pause mine")
    worded(run, "Only the owner of this digest or an admin", user="U0MEI")
    run.ws.slash(MEMBER, COSTS, "/spend", "digest pause mine")
    worded(run, "mine is paused")
    run.ws.slash(ADMIN, COSTS, "/spend", "digest resume mine")
    worded(run, "mine is active again. Next Mon 23 Nov 08:30", user=ADMIN)
    run.ws.slash(MEMBER, COSTS, "/spend", "digest delete mine")
    worded(run, "mine is deleted")
    run.ws.slash(ADMIN, COSTS, "/spend", "digest pause daily")
    worded(run, "daily is paused", user=ADMIN)


def test_menu_does_what_it_says(run, digests):
    """What is chosen from a digest's menu is done; Change opens the modal prefilled."""
    new(run)
    message = worded(run, "mine is saved")
    element, _ = next(
        (block["accessory"], block)
        for block in message["blocks"]
        if block.get("accessory", {}).get("type") == "overflow"
    )
    edit = next(option["value"] for option in element["options"] if option["value"].startswith("edit"))
    run.ws.click(MEMBER, message["ts"], "digest_menu", edit)
    modal = run.ws.wait_for(lambda: [v for v in run.ws.views(MEMBER) if v["title"]["text"] == "Change digest"])[-1]
    fields = {block["block_id"]: block["element"] for block in modal["blocks"] if block["type"] == "input"}
    assert fields["at"]["initial_time"] == "08:30"
    assert fields["questions"]["initial_value"] == "this month"
    run.ws.submit(MEMBER, modal["id"], {"name": "renamed"})
    run.ws.wait_for(lambda: [item for item in digests.all("T0LUMEN") if item.name == "renamed"])
    assert {item.name for item in digests.all("T0LUMEN")} == {"daily", "renamed"}


def test_history_tells_what_became_of_each_period(run, digests):
    """Posted or not, and why not."""
    digests.run("daily")
    run.ws.slash(MEMBER, COSTS, "/spend", "digest history daily")
    assert "22 Nov 2026: posted" in worded(run, "22 Nov 2026: ")["text"]


def test_home_shows_mine(run, digests):
    """App Home lists the digests that are the person's, with a button for a new one that opens the modal."""
    new(run)
    worded(run, "mine is saved")
    run.ws.open_home(MEMBER)
    home = run.ws.wait_for(lambda: (v := run.ws.home(MEMBER)) and "My digests" in json.dumps(v["blocks"]) and v)
    assert '"mine"' in json.dumps(home["blocks"])
    assert '"daily"' not in json.dumps(home["blocks"])
    run.ws.click(MEMBER, home["id"], "digest_new")
    assert view(run)["title"]["text"] == "New digest"


def test_workspaces_see_their_own_alone(run, digests):
    """Where workspaces are told apart, one sees none of another's digests, nor those of whoever runs the bot."""
    run.slack.context.settings = replace(run.slack.context.settings, workspaces={})
    add_digests(run.slack, digests)
    digests.save(Digest(name="theirs", channel="C1", team="T0OTHER"))
    assert digests.all("T0LUMEN") == []
    with pytest.raises(NotUnderstood):
        digests.find("daily", "T0LUMEN")
    with pytest.raises(NotUnderstood):
        digests.find("theirs", "T0LUMEN")
    assert [item.name for item in digests.all()] == ["daily", "theirs"]


def test_leaving_a_workspace_takes_its_digests_along(run, digests):
    """Taken out of a workspace, the app forgets the digests made there, and what became of them; no others."""
    for team in ("T0LUMEN", "T0OTHER"):
        digests.save(Digest(name="mine", channel="C0COSTS", team=team))
        run.memory.put("digest_said", f"{team}:mine:2026-11-22", {"state": "done"})
        run.memory.put("told", f"digest:{team}:mine:mark:U1", {"user": "U1"})
    erase(run.slack.context, "T0LUMEN")
    assert [item.key for item in digests.all()] == [":daily", "T0OTHER:mine"]
    assert list(run.memory.all("digest_said")) == ["T0OTHER:mine:2026-11-22"]
    assert list(run.memory.all("told")) == ["digest:T0OTHER:mine:mark:U1"]


def test_guests_make_none(run, digests):
    """Who may see no costs may make no digest."""
    run.ws.slash(GUEST, "#site-refresh", "/spend", "digest new")
    run.ws.wait_for(lambda: "full members" in json.dumps(run.ws.from_bot("#site-refresh", None, GUEST)))
    assert run.ws.views(GUEST) == []


@pytest.mark.parametrize("words", ["digest explode daily", "digest pause nothing", "digest pause"])
def test_what_is_not_understood_says_what_is(run, digests, words):
    """A word that is none, or a name that is none, gets the words there are."""
    run.ws.slash(MEMBER, COSTS, "/spend", words)
    message = run.answer(COSTS, MEMBER)
    assert "digest" in message["text"]
