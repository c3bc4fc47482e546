"""App Home and a person's own settings, through the real app in the simulated workspace."""

import json
from datetime import date
from decimal import Decimal

from slack_app import NOW
from slack_bolt import BoltRequest

from bot.domain.feed import Freshness
from bot.domain.question import Question
from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.render.slack import plain_message
from bot.slack.access import AccessRule
from bot.slack.modals import edit_question
from bot.sync.status import Health
from simulators.slack import ADMIN, GUEST, MEMBER


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
    run.slack.context.access.change("T0LUMEN", (AccessRule(subject="everyone", deny=True),))
    view = home(run, ADMIN, "For admins")
    assert "$" not in json.dumps(view["blocks"])
    run.ws.click(ADMIN, view["id"], "access_new")
    assert run.ws.wait_for(lambda: run.ws.views(ADMIN))[-1]["callback_id"] == "access"
    run.ws.click(ADMIN, view["id"], "reports")
    assert "Nobody" in run.answer(run.ws.dm_channel(ADMIN))["text"]
    run.ws.click(ADMIN, view["id"], "audit")
    assert run.ws.wait_for(lambda: [file for file in run.ws.files if file.channels])[-1].name == "audit.csv"


def test_admins_see_how_the_sources_are_and_what_asking_them_cost(run, tmp_path):
    """Each source with its last pull and what is wrong with it; requests against the ceiling; within the workspace."""
    books = Ledger(tmp_path / "books.db")
    books.fresh(Freshness(source="aws", synced=NOW, data_through=date(2026, 11, 21)))
    books.requests.add("aws", "ce:GetCostAndUsage", Decimal("9.99"), NOW)
    books.requests.add("openai", "costs", Decimal(0), NOW)
    error = {"type": "AccessDenied", "message": "OpenAI refuses the key.", "hint": "Make a new one."}
    books.memory.put("sync", "openai", {"at": NOW.isoformat(), "status": "failed", "error": error, "warnings": []})
    context = run.slack.context
    context.operations = Health(books, Decimal(10), lambda: NOW)
    shown = json.dumps(home(run, ADMIN, "Source health")["blocks"], ensure_ascii=False)
    for words in (
        "✅ AWS: synced 22 Nov 09:00 UTC, data through 21 Nov, 1 request ($9.99)",
        "OpenAI refuses the key",
    ):
        assert words in shown
    assert "$9.99 of the ceiling of $10" in shown
    context.access._workspaces = {"T0LUMEN": Scope(sources=("openai",))}
    shown = json.dumps(home(run, ADMIN, '"$0.00"')["blocks"], ensure_ascii=False)
    assert "AWS: synced" not in shown
    assert "ceiling" not in shown
    assert "Source health" not in json.dumps(home(run, MEMBER)["blocks"])
    books.close()


def test_guests_see_a_sentence(run):
    """A guest's App Home says why there are no numbers."""
    shown = json.dumps(home(run, GUEST)["blocks"])
    assert "full members" in shown
    assert "$" not in shown


def test_other_rooms_add_sections_and_a_failing_one_costs_no_other(run):
    """A section that fails says so; the rest of the tab stands."""
    context = run.slack.context

    def broken(_request):
        raise RuntimeError("boom")

    context.home_sections += [broken, lambda _: [{"type": "divider"}]]
    context.admin_home_sections.append(
        lambda place: [{"type": "header", "text": {"type": "plain_text", "text": place.team}}]
    )
    shown = json.dumps(home(run, ADMIN, "T0LUMEN")["blocks"])
    assert "This section failed to load" in shown
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
        for item in value.values():
            yield from _actions(item)
    if isinstance(value, list):
        for item in value:
            yield from _actions(item)


def test_everything_that_can_be_pressed_or_typed_into_has_a_listener(run):
    """No button, menu or modal that is ever drawn is answered 404."""
    run.slack.context.delivery._sleep = lambda _: None
    run.ws.slash(ADMIN, "#cloud-costs", "/spend", "by service")
    drawn = [run.answer("#cloud-costs", ADMIN)["blocks"], home(run, ADMIN, "For admins")["blocks"]]
    drawn += [plain_message.welcome().blocks, plain_message.sentence("x", "y", ["z"]).blocks]
    for words in ("access new", "settings"):
        run.ws.slash(ADMIN, "#cloud-costs", "/spend", words)
        drawn.append(run.ws.wait_for(lambda: run.ws.views(ADMIN))[-1]["blocks"])
    drawn.append(edit_question.view(Question(), run.memory, ["team"], "")["blocks"])
    common = {"team": {"id": "T0LUMEN"}, "user": {"id": GUEST}, "view": {}, "is_enterprise_install": False}
    inputs = {block["element"]["action_id"] for item in drawn for block in item if block["type"] == "input"}
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
