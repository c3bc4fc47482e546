"""A person's own settings, and what admins read: reports of wrong numbers, the audit log."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import available_timezones

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blockkit.build import Block, Message, button, escape, header, option, section, small
from bot.domain.errors import CostError, Unavailable
from bot.render.slack import answer_message
from bot.slack.context import Body, Desk, Visit, place_of
from bot.slack.delivery import Place, Undeliverable
from bot.slack.listeners import options
from bot.slack.listeners.buttons import once
from bot.slack.modals import answer_forms, fields
from bot.slack.modals.fields import Entered
from bot.slack.people import Preferences

_REPORTS = 10
_MOST = 100


def listen(app: App, desk: Desk) -> None:
    """Registers the listeners for settings and menus; ``settings``, ``reports`` and ``audit`` are phrases."""
    desk.phrases["settings"] = lambda place, trigger: show_settings(desk, place, trigger)
    desk.phrases["reports"] = lambda place, _: tell_reports(desk, place)
    desk.phrases["audit"] = lambda place, _: send_log(desk, place)
    app.action("settings")(once(desk, press_settings))
    app.action("reports")(once(desk, press_reports))
    app.action("audit")(once(desk, press_audit))
    app.action("report_done")(once(desk, press_done))
    app.view("settings")(once(desk, submit_settings))
    for name in ("only", "without"):
        app.options(name)(_menu(desk, offer_values))
    app.options("timezone")(_menu(desk, offer_zones))
    app.options("group")(_menu(desk, offer_groups))


def _menu(desk: Desk, offer: Callable[[Desk, Body, WebClient], list[Block]]) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, object], client: WebClient) -> None:
        try:
            ack(options=offer(desk, body, client))
        except CostError:
            ack(options=[])

    return listener


def offer_values(desk: Desk, body: Body, client: WebClient) -> list[Block]:
    """Values that match what is typed, within what the person may see."""
    visit = desk.visit(fields.origin(body, client), "menu")
    return options.offered(desk, visit.scope, str(body.get("value") or ""))


def offer_zones(_desk: Desk, body: Body, _client: WebClient) -> list[Block]:
    """Timezones that match what is typed."""
    typed = str(body.get("value") or "").lower().replace(" ", "_")
    found = sorted(name for name in available_timezones() if typed in name.lower())
    return [option(name, name) for name in found[:_MOST]]


def offer_groups(desk: Desk, body: Body, client: WebClient) -> list[Block]:
    """User groups that match what is typed, for admins."""
    place = fields.origin(body, client)
    desk.admin(place)
    typed = str(body.get("value") or "").lower()
    groups = desk.people.named_groups(client, place.team)
    return [option(f"@{name}", key) for key, name in groups.items() if typed in name.lower()][:_MOST]


def show_settings(desk: Desk, place: Place, trigger: str) -> None:
    """Opens a person's own settings."""
    person = desk.people.person(place.client, place.team, place.user)
    view = answer_forms.settings(
        desk.people.preferences(person), desk.memory, desk.settings.currencies, fields.metadata(place)
    )
    desk.open(place, trigger, view)


def press_settings(desk: Desk, body: Body, client: WebClient) -> None:
    """Opens the settings from a button."""
    show_settings(desk, place_of(body, client), str(body["trigger_id"]))


def submit_settings(desk: Desk, body: Body, client: WebClient) -> None:
    """Keeps what was set."""
    place = fields.origin(body, client)
    person = desk.people.person(client, place.team, place.user)
    entered = Entered(body["view"]["state"]["values"])
    where = options.filters(desk.memory, entered.options("only"), exclude=False)
    told = Preferences(timezone=entered.option("timezone"), currency=entered.option("currency"), where=where)
    desk.people.prefer(person, told)
    desk.audit.note(place.team, person.id, "changed settings", way="modal")
    desk.delivery.reply(place, answer_message.sentence("Settings saved."))


def reports(desk: Desk, team: str) -> list[tuple[str, dict[str, object]]]:
    """Reports of wrong numbers that wait, newest first."""
    found = desk.memory.all("report")
    return [(key, found[key]) for key in sorted(found, reverse=True) if found[key].get("team") == team]


def tell_reports(desk: Desk, place: Place) -> None:
    """Shows the newest reports, to admins."""
    desk.admin(place)
    found = reports(desk, place.team)
    if not found:
        desk.delivery.reply(place, answer_message.sentence("Nobody has reported a wrong number."))
        return
    drawn = [header(f"{len(found)} reported {'number' if len(found) == 1 else 'numbers'}")]
    for key, each in found[:_REPORTS]:
        note = f"<@{each['user']}>: {escape(str(each['note']))}"
        drawn += [section(note, button("Done", "report_done", key))]
        drawn += small(f"{each['read_as']}: {each['text']}", f"Reported {str(each['at'])[:16]} UTC")
    desk.delivery.reply(place, Message(f"{len(found)} reports of wrong numbers", drawn))


def press_reports(desk: Desk, body: Body, client: WebClient) -> None:
    """Shows the reports from a button."""
    tell_reports(desk, place_of(body, client))


def press_done(desk: Desk, body: Body, client: WebClient) -> None:
    """Puts a report away."""
    place = place_of(body, client)
    desk.admin(place)
    key = str(body["actions"][0]["value"])
    report = desk.memory.get("report", key)
    if report and report.get("team") == place.team:
        desk.memory.forget("report", key)
        desk.audit.note(place.team, place.user, "settled report", question=str(report.get("read_as")))
    desk.delivery.reply(place, answer_message.sentence("Put away."))


def send_log(desk: Desk, place: Place) -> None:
    """Sends the audit log as a file, to an admin alone."""
    desk.admin(place)
    desk.audit.note(place.team, place.user, "exported audit log")
    alone = Place(place.client, place.team, user=place.user, response_url=place.response_url)
    try:
        desk.delivery.upload(
            alone, "audit.csv", desk.audit.as_csv(place.team), "Audit log", "Who asked what, and from where."
        )
    except Undeliverable as error:
        raise Unavailable("Slack did not take the file.", error.mend) from error
    desk.delivery.reply(place, answer_message.sentence("The log is in your direct messages with me."))


def press_audit(desk: Desk, body: Body, client: WebClient) -> None:
    """Sends the log from a button."""
    send_log(desk, place_of(body, client))


def settled(desk: Desk, visit: Visit) -> str:
    """What a person has set, for App Home."""
    told = desk.people.preferences(visit.person)
    only = f"usually {len(told.where)} filters" if told.where else "everything"
    return f"{told.timezone or visit.person.timezone} · {told.currency or 'currencies as billed'} · {only}"
