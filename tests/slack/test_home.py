"""App Home and a person's own settings, through the real app in the simulated workspace."""

import json

from slack_bolt import BoltRequest

from bot.costs.question import Question
from bot.demo.workspace import ADMIN, GUEST, MEMBER
from bot.slack import blocks, change
from bot.slack.access import Rule


def home(run, user, has=""):
    """Somebody's App Home, once it holds some words."""
    run.ws.open_home(user)
    return run.ws.wait_for(lambda: (view := run.ws.home(user)) and has in json.dumps(view["blocks"]) and view)


def test_home_shows_the_month_and_how_fresh_it_is(run):
    """A member sees the month to date against last month, sources and settings, and nothing for admins."""
    shown = json.dumps(home(run, MEMBER)["blocks"])
    for words in ("November 2026 so far", "$50,942", "data through 21 Nov", "Your settings"):
        assert words in shown
    assert "For admins" not in shown


def test_home_buttons_answer_in_a_direct_message(run):
    """What is pressed in App Home is answered in the direct messages."""
    view = home(run, MEMBER)
    row = next(block for block in view["blocks"] if block["type"] == "actions")
    button = row["elements"][0]
    run.ws.click(MEMBER, view["id"], button["action_id"], button["value"])
    assert "$50,942" in run.answer(run.ws.dm_channel(MEMBER))["text"]


def test_admins_see_what_they_look_after(run):
    """An admin reaches access, reports and the log from App Home, even when nobody may see a number."""
    run.slack.desk.access.change("T0LUMEN", (Rule(subject="everyone", deny=True),))
    view = home(run, ADMIN, "For admins")
    assert "$" not in json.dumps(view["blocks"])
    run.ws.click(ADMIN, view["id"], "access")
    assert run.ws.wait_for(lambda: run.ws.views(ADMIN))[-1]["callback_id"] == "access"
    run.ws.click(ADMIN, view["id"], "reports")
    assert "Nobody" in run.answer(run.ws.dm_channel(ADMIN))["text"]
    run.ws.click(ADMIN, view["id"], "audit")
    assert run.ws.wait_for(lambda: [each for each in run.ws.files if each.channels])[-1].name == "audit.csv"


def test_guests_see_a_sentence(run):
    """A guest's App Home says why there are no numbers."""
    shown = json.dumps(home(run, GUEST)["blocks"])
    assert "full members" in shown
    assert "$" not in shown


def test_other_rooms_add_sections_and_a_failing_one_costs_no_other(run):
    """A section that fails says so; the rest of the tab stands."""
    desk = run.slack.desk

    def broken(_visit):
        raise RuntimeError("boom")

    desk.sections += [broken, lambda _: [{"type": "divider"}]]
    desk.admin_sections.append(lambda place: [{"type": "header", "text": {"type": "plain_text", "text": place.team}}])
    shown = json.dumps(home(run, ADMIN, "T0LUMEN")["blocks"])
    assert "This part broke" in shown
    assert "Your settings" in shown


def test_settings_are_kept_and_used(run):
    """Timezone, currency and usual filters are kept, prefilled, and narrow questions that name nothing."""
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "settings")
    modal = run.ws.wait_for(lambda: run.ws.views(MEMBER))[-1]
    zone = run.ws.suggest(MEMBER, modal["id"], "timezone", "auckl")[0]
    only = run.ws.suggest(MEMBER, modal["id"], "only", "redsh")[0]
    run.ws.submit(MEMBER, modal["id"], {"timezone": zone["value"], "currency": "EUR", "only": [only["value"]]})
    assert "saved" in run.answer("#cloud-costs", MEMBER)["text"]
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "this month")
    assert "$23,918 on Amazon Redshift" in run.answer("#cloud-costs", MEMBER, count=2)["text"]
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "settings")
    shown = json.dumps(run.ws.wait_for(lambda: run.ws.views(MEMBER))[-1]["blocks"])
    assert "Pacific/Auckland" in shown
    assert "Amazon Redshift" in shown


def _actions(value):
    """Every action_id in blocks, with its element."""
    if isinstance(value, dict):
        if "action_id" in value and "type" in value:
            yield value["action_id"], value
        for each in value.values():
            yield from _actions(each)
    if isinstance(value, list):
        for each in value:
            yield from _actions(each)


def test_everything_that_can_be_pressed_or_typed_into_has_a_listener(run):
    """No button, menu or modal that is ever drawn is answered 404."""
    run.slack.desk.delivery._sleep = lambda _: None
    run.ws.slash(ADMIN, "#cloud-costs", "/spend", "by service")
    drawn = [run.answer("#cloud-costs", ADMIN)["blocks"], home(run, ADMIN, "For admins")["blocks"]]
    drawn += [blocks.welcome().blocks, blocks.sentence("x", "y", ["z"]).blocks]
    for words in ("access", "settings"):
        run.ws.slash(ADMIN, "#cloud-costs", "/spend", words)
        drawn.append(run.ws.wait_for(lambda: run.ws.views(ADMIN))[-1]["blocks"])
    drawn.append(change.view(Question(), run.memory, ["team"], "")["blocks"])
    common = {"team": {"id": "T0LUMEN"}, "user": {"id": GUEST}, "view": {}, "is_enterprise_install": False}
    inputs = {block["element"]["action_id"] for each in drawn for block in each if block["type"] == "input"}
    found = dict(_actions(drawn))
    assert len(found) > 20
    for name, element in found.items():
        if element["type"].endswith("external_select"):
            body = {**common, "type": "block_suggestion", "action_id": name, "block_id": "b", "value": ""}
        elif name in inputs:
            continue
        else:
            chosen = {"selected_option": element["options"][0]} if "options" in element else {}
            action = {"action_id": name, "block_id": "b", **element, **chosen}
            body = {**common, "type": "block_actions", "trigger_id": name, "actions": [action]}
        assert run.slack.app.dispatch(BoltRequest(mode="socket_mode", body=body)).status == 200, name
    for callback in ("change", "share", "wrong", "access", "settings"):
        view = {"type": "modal", "callback_id": callback, "state": {"values": {}}, "private_metadata": ""}
        body = {**common, "type": "view_submission", "view": view}
        assert run.slack.app.dispatch(BoltRequest(mode="socket_mode", body=body)).status == 200, callback
