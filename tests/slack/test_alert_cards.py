"""What is pressed on alerts, and the rules made in Slack, through the real app in the simulated workspace."""

import json
from datetime import UTC

import made
import pytest
from slack_app import NOW, Bookkeeper, running

from bot.alerts.service import Alerts
from bot.answering.service import AnswerService, Defaults
from bot.coordination.exactly_once import Pace
from bot.domain.answers import AnomaliesAnswer
from bot.render.alert import rule_words
from bot.render.slack import answer_message
from bot.slack.app import add_alerts
from bot.slack.installation import erase
from bot.slack.posting.publishers import AlertPublisher
from simulators.slack import MEMBER

COSTS = "#cloud-costs"
FOUND = {
    "key": {"ServiceName": "Amazon S3"},
    "currency": "USD",
    "kind": "shift",
    "start": "2026-11-20",
    "end": "2026-11-22",
    "ongoing": True,
    "provisional": True,
    "amount": "815.86",
    "expected": "400",
    "change": "415.86",
    "per_month": "12475.8",
    "share": "1.04",
    "also": [],
}


class Watchful(Bookkeeper):
    """A bookkeeper who finds something unusual."""

    def answer(self, question, **more):
        """With one anomaly."""
        result = super().answer(question, **more)
        if question.kind != "anomalies":
            return result
        return type(result)(question, "", AnomaliesAnswer(anomalies=(made.anomaly(FOUND),)))


@pytest.fixture
def run(memory):
    with running(Watchful(), memory) as found:
        yield found


@pytest.fixture
def alerts(run):
    """The room that alerts, joined to the app."""
    poster = AlertPublisher(run.slack.context, lambda _team: run.slack.app.client)
    found = Alerts(run.asker, run.memory, clock=lambda: NOW, publisher=poster, pace=Pace(1, 0.05))
    add_alerts(run.slack, found)
    return found


@pytest.fixture
def card(run, alerts):
    """One alert in the channel, of a rule made in the modal."""
    new(run)
    run.ws.wait_for(alerts.rules)
    alerts.tick()
    return run.ws.from_bot(COSTS)[0]


def view(run, user=MEMBER):
    return run.ws.wait_for(lambda: run.ws.views(user))[-1]


def new(run, **fields):
    run.ws.slash(MEMBER, COSTS, "/spend", "alerts new")
    return run.ws.submit(MEMBER, view(run)["id"], {"name": "alerts", "channel": "C0COSTS", **fields})


def press(run, card, action):
    """Presses a button of the card."""
    found = next(e for b in card["blocks"] if b["type"] == "actions" for e in b["elements"] if e["action_id"] == action)
    return run.ws.click(MEMBER, card["ts"], action, found["value"])


def shown(run, words):
    """The card, once it shows the words."""
    return run.ws.wait_for(lambda: (m := run.ws.from_bot(COSTS)[0]) and words in json.dumps(m) and m)


def worded(run, words):
    return run.ws.wait_for(
        lambda: next((item for item in run.ws.from_bot(COSTS, None, MEMBER) if words in json.dumps(item)), None)
    )


def test_a_sentence_opens_the_window_with_its_sizes(run, alerts):
    """``/spend alert me when something is over $50 and 20%``: the window has both, and saved the rule says both."""
    run.ws.slash(MEMBER, COSTS, "/spend", "alert me when something is over $1,050 and 20%")
    found = view(run)
    entered = {
        block["block_id"]: block["element"].get("initial_value") for block in found["blocks"] if "element" in block
    }
    assert (entered["min_amount"], entered["min_percent"]) == ("1050", "20")
    run.ws.submit(MEMBER, found["id"], {"name": "alerts", "channel": "C0COSTS"})
    (rule,) = run.ws.wait_for(alerts.rules)
    assert "of at least 1050 a day and 20%" in rule_words(rule)


def test_an_order_in_words_is_refused_with_the_windows_that_do_it(ledger):
    """Asked in a mention to alert, the bot says that it cannot by words, and offers the windows that can."""
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    message = answer_message.draw(asker.ask("alert me when something is over $50 and 20%"))
    pressed = [
        element["action_id"] for block in message.blocks if block["type"] == "actions" for element in block["elements"]
    ]
    assert {"alert_new", "budget_new", "digest_new"} <= set(pressed)


def test_a_word_that_is_no_deed_is_refused_with_those_that_are(run, alerts):
    """Nothing is guessed: what cannot be done with alerts is said, with what can."""
    assert alerts.rules() == []
    run.ws.slash(MEMBER, COSTS, "/spend", "alerts florp")
    assert "/spend alerts new · list" in json.dumps(
        worded(run, "There is no command 'florp' for alert rules"), ensure_ascii=False
    )


def test_investigate_explains_in_the_thread(run, card):
    """Why is answered below the card, for what it is about."""
    press(run, card, "alert_investigate")
    answer = run.answer(COSTS, thread=card["ts"], count=2)
    assert "on Amazon S3, 20–21 Nov" in answer["text"]
    assert "18–19 Nov" in answer["text"]


@pytest.mark.parametrize(("choice", "until"), [("1d", "Mon 23 Nov"), ("7d", "Sun 29 Nov"), ("month", "Tue 1 Dec")])
def test_snooze_and_wake(run, card, choice, until):
    """A snooze shows until when and by whom; waking undoes it."""
    menu = next(
        e for b in card["blocks"] if b["type"] == "actions" for e in b["elements"] if e["action_id"] == "alert_snooze"
    )
    value = next(option["value"] for option in menu["options"] if option["value"].startswith(f"{choice}:"))
    run.ws.click(MEMBER, card["ts"], "alert_snooze", value)
    resting = shown(run, f"<@{MEMBER}> snoozed this until {until}")
    press(run, resting, "alert_wake")
    assert "alert_snooze" in json.dumps(shown(run, "Expected…".encode("ascii", "backslashreplace").decode()))


def test_expected_asks_why_and_remembers(run, card, memory):
    """The note stands on the card, and the like is known from then on."""
    press(run, card, "alert_expected")
    run.ws.submit(MEMBER, view(run)["id"], {"note": "Black Friday <rehearsal>"})
    shown(run, "Black Friday &lt;rehearsal&gt;")
    assert [item["note"] for item in memory.all("alert_expected").values()] == ["Black Friday <rehearsal>"]


def test_route_moves_the_card(run, card):
    """The other channel gets it; the old card says where it went."""
    press(run, card, "alert_route")
    run.ws.submit(MEMBER, view(run)["id"], {"where": "C0GENERAL"})
    shown(run, "moved this to <#C0GENERAL>")
    assert "Amazon S3" in run.ws.from_bot("#general")[0]["text"]


def test_route_refuses_channels_that_others_read(run, card):
    """At the field it says why not."""
    press(run, card, "alert_route")
    reply = run.ws.submit(MEMBER, view(run)["id"], {"where": "C0PARTNER"})
    assert "other organizations" in reply.body["errors"]["where"]


@pytest.mark.parametrize(
    ("fields", "block"),
    [
        ({"min_amount": "lots"}, "min_amount"),
        ({"ceiling": "0"}, "ceiling"),
        ({"channel": "C0PARTNER"}, "channel"),
    ],
)
def test_mistakes_are_said_at_their_field(run, alerts, fields, block):
    """What cannot be is said where it was entered."""
    assert block in new(run, **fields).body["errors"]


def test_a_rule_has_thresholds_quiet_hours_and_a_ceiling(run, alerts):
    """All of it is entered in the modal and told in the list."""
    new(run, min_amount="50", min_percent="20", quiet_from="20:00", quiet_to="08:00", ceiling="5")
    run.ws.wait_for(alerts.rules)
    run.ws.slash(MEMBER, COSTS, "/spend", "alerts")
    result = json.dumps(worded(run, "New alert rule")["blocks"], ensure_ascii=False)
    sizes = "budgets and anomalies of at least 50 a day and 20%"
    assert f"{sizes}, quiet 20:00–08:00 (Europe/Berlin), at most 5 alerts a day" in result


def test_test_alert_is_marked_as_one(run, card):
    """A made-up alert says that it is a test."""
    run.ws.slash(MEMBER, COSTS, "/spend", "alerts test alerts")
    worded(run, "A test alert is posted")
    assert "TEST" in run.ws.from_bot(COSTS)[-1]["text"]


def test_pause_change_and_delete(run, alerts, card):
    """The owner pauses, resumes, changes and deletes a rule; others may not."""
    run.ws.slash("U0MEI", COSTS, "/spend", "alerts delete alerts")
    run.ws.wait_for(lambda: "Only the owner" in json.dumps(run.ws.from_bot(COSTS, None, "U0MEI")))
    for words, result in (("pause", "is paused"), ("resume", "is active again"), ("delete", "is deleted")):
        run.ws.slash(MEMBER, COSTS, "/spend", f"alerts {words} alerts")
        worded(run, result)
    assert alerts.rules() == []


def test_home_shows_mine(run, card):
    """App Home lists the alerts that are the person's; its menu changes them."""
    run.ws.open_home(MEMBER)
    home = run.ws.wait_for(lambda: (v := run.ws.home(MEMBER)) and "My alert rules" in json.dumps(v["blocks"]) and v)
    menu = next(b["accessory"] for b in home["blocks"] if b.get("accessory", {}).get("action_id") == "alert_menu")
    edit = next(option["value"] for option in menu["options"] if option["value"].startswith("edit"))
    run.ws.click(MEMBER, home["id"], "alert_menu", edit)
    fields = {block["block_id"] for block in view(run)["blocks"]}
    assert {"min_amount", "quiet_from", "ceiling"} <= fields


def test_buttons_of_a_deleted_rule_say_so(run, alerts, card):
    """What is no longer known is said, with what to ask instead."""
    alerts.delete(alerts.rules()[0])
    press(run, card, "alert_investigate")
    assert "has expired" in run.answer(COSTS, thread=card["ts"], count=2)["text"]


def test_leaving_a_workspace_takes_its_alerts_along(run, alerts, card):
    """Taken out of a workspace, the app forgets its rules, their cases, and what was said of them."""
    press(run, card, "alert_expected")
    run.ws.submit(MEMBER, view(run)["id"], {"note": "launch"})
    run.ws.wait_for(lambda: run.memory.all("alert_expected"))
    erase(run.slack.context, "T0LUMEN")
    for kind in ("alert_rule", "alert", "alert_said", "alert_expected", "alert_rest"):
        assert run.memory.all(kind) == {}, kind
