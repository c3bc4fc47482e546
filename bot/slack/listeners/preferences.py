"""A person's own settings, and what admins read: reports of wrong numbers, the audit log."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import available_timezones

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blockkit.build import Block, Message, button, escape, header, option, section, small
from bot.domain.errors import CostError, Unavailable
from bot.render.slack import answer_message
from bot.slack.context import AppContext, Body, Request, destination_of
from bot.slack.delivery import Destination, Undeliverable
from bot.slack.listeners import options
from bot.slack.listeners.buttons import deduplicated
from bot.slack.modals import answer_forms, fields
from bot.slack.modals.fields import Entered
from bot.slack.people import Preferences

_REPORTS = 10
_MOST = 100


def listen(app: App, context: AppContext) -> None:
    """Registers the listeners for settings and menus; ``settings``, ``reports`` and ``audit`` are phrases."""
    context.exact_commands["settings"] = lambda destination, trigger: show_settings(context, destination, trigger)
    context.exact_commands["reports"] = lambda destination, _: tell_reports(context, destination)
    context.exact_commands["audit"] = lambda destination, _: send_log(context, destination)
    app.action("settings")(deduplicated(context, press_settings))
    app.action("reports")(deduplicated(context, press_reports))
    app.action("audit")(deduplicated(context, press_audit))
    app.action("report_done")(deduplicated(context, press_done))
    app.view("settings")(deduplicated(context, on_settings_submitted))
    for name in ("only", "without"):
        app.options(name)(_menu(context, offer_values))
    app.options("timezone")(_menu(context, offer_zones))
    app.options("group")(_menu(context, offer_groups))


def _menu(context: AppContext, offer: Callable[[AppContext, Body, WebClient], list[Block]]) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, object], client: WebClient) -> None:
        try:
            ack(options=offer(context, body, client))
        except CostError:
            ack(options=[])

    return listener


def offer_values(context: AppContext, body: Body, client: WebClient) -> list[Block]:
    """Values that match what is typed, within what the person may see."""
    request = context.authorize(fields.origin(body, client), "menu")
    return options.offered(context, context.kept(client), request.scope, str(body.get("value") or ""))


def offer_zones(_context: AppContext, body: Body, _client: WebClient) -> list[Block]:
    """Timezones that match what is typed."""
    typed = str(body.get("value") or "").lower().replace(" ", "_")
    found = sorted(name for name in available_timezones() if typed in name.lower())
    return [option(name, name) for name in found[:_MOST]]


def offer_groups(context: AppContext, body: Body, client: WebClient) -> list[Block]:
    """User groups that match what is typed, for admins."""
    destination = fields.origin(body, client)
    context.admin(destination)
    typed = str(body.get("value") or "").lower()
    groups = context.people.named_groups(client, destination.team)
    return [option(f"@{name}", key) for key, name in groups.items() if typed in name.lower()][:_MOST]


def show_settings(context: AppContext, destination: Destination, trigger: str) -> None:
    """Opens a person's own settings."""
    person = context.people.person(destination.client, destination.team, destination.user)
    view = answer_forms.settings(
        context.people.preferences(person),
        context.kept(destination.client),
        context.settings.currencies,
        fields.metadata(destination),
    )
    context.open(destination, trigger, view)


def press_settings(context: AppContext, body: Body, client: WebClient) -> None:
    """Opens the settings from a button."""
    show_settings(context, destination_of(body, client), str(body["trigger_id"]))


def on_settings_submitted(context: AppContext, body: Body, client: WebClient) -> None:
    """Keeps what was set."""
    destination = fields.origin(body, client)
    person = context.people.person(client, destination.team, destination.user)
    entered = Entered(body["view"]["state"]["values"])
    where = options.filters(context.kept(client), entered.options("only"), exclude=False)
    told = Preferences(timezone=entered.option("timezone"), currency=entered.option("currency"), where=where)
    context.people.prefer(person, told)
    context.audit.note(destination.team, person.id, "changed settings", entry_point="modal")
    context.delivery.reply(destination, answer_message.sentence("Settings saved."))


def reports(context: AppContext, team: str) -> list[tuple[str, dict[str, object]]]:
    """Reports of wrong numbers that wait, newest first."""
    found = context.memory.all("report")
    return [(key, found[key]) for key in sorted(found, reverse=True) if found[key].get("team") == team]


def tell_reports(context: AppContext, destination: Destination) -> None:
    """Shows the newest reports, to admins."""
    context.admin(destination)
    found = reports(context, destination.team)
    if not found:
        context.delivery.reply(destination, answer_message.sentence("Nobody has reported a wrong number."))
        return
    drawn = [header(f"{len(found)} reported {'number' if len(found) == 1 else 'numbers'}")]
    for key, each in found[:_REPORTS]:
        note = f"<@{each['user']}>: {escape(str(each['note']))}"
        drawn += [section(note, button("Done", "report_done", key))]
        drawn += small(f"{each['read_as']}: {each['text']}", f"Reported {str(each['at'])[:16]} UTC")
    context.delivery.reply(destination, Message(f"{len(found)} reports of wrong numbers", drawn))


def press_reports(context: AppContext, body: Body, client: WebClient) -> None:
    """Shows the reports from a button."""
    tell_reports(context, destination_of(body, client))


def press_done(context: AppContext, body: Body, client: WebClient) -> None:
    """Puts a report away."""
    destination = destination_of(body, client)
    context.admin(destination)
    key = str(body["actions"][0]["value"])
    report = context.memory.get("report", key)
    if report and report.get("team") == destination.team:
        context.memory.forget("report", key)
        context.audit.note(destination.team, destination.user, "settled report", question=str(report.get("read_as")))
    context.delivery.reply(destination, answer_message.sentence("Put away."))


def send_log(context: AppContext, destination: Destination) -> None:
    """Sends the audit log as a file, to an admin alone."""
    context.admin(destination)
    context.audit.note(destination.team, destination.user, "exported audit log")
    alone = Destination(
        destination.client, destination.team, user=destination.user, response_url=destination.response_url
    )
    try:
        context.delivery.upload(
            alone, "audit.csv", context.audit.as_csv(destination.team), "Audit log", "Who asked what, and from where."
        )
    except Undeliverable as error:
        raise Unavailable("Slack did not take the file.", error.remedy) from error
    context.delivery.reply(destination, answer_message.sentence("The log is in your direct messages with me."))


def press_audit(context: AppContext, body: Body, client: WebClient) -> None:
    """Sends the log from a button."""
    send_log(context, destination_of(body, client))


def settled(context: AppContext, request: Request) -> str:
    """What a person has set, for App Home."""
    told = context.people.preferences(request.person)
    only = f"usually {len(told.where)} filters" if told.where else "everything"
    return f"{told.timezone or request.person.timezone} · {told.currency or 'currencies as billed'} · {only}"
