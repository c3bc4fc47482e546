"""A person's own settings, and the menus whose options are looked up while somebody types."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import available_timezones

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blockkit.build import Block, option
from bot.digests.holidays import countries
from bot.domain.errors import CostError
from bot.render.slack import plain_message
from bot.slack.context import AppContext, Body, Request, destination_of
from bot.slack.deduplication import deduplicated
from bot.slack.delivery import Destination
from bot.slack.modals import answer_forms, choices, fields
from bot.slack.modals.fields import Entered
from bot.slack.people import Preferences

_MAX_OPTIONS = 100


def listen(app: App, context: AppContext) -> None:
    """Registers the listeners for settings and menus, and the command ``settings``."""
    context.exact_commands["settings"] = lambda destination, trigger: open_settings(context, destination, trigger)
    app.action("settings")(deduplicated(context, on_settings))
    app.view("settings")(deduplicated(context, on_settings_submitted))
    for name in ("only", "without"):
        app.options(name)(_options(context, offer_values))
    app.options("timezone")(_options(context, offer_timezones))
    app.options("group")(_options(context, offer_groups))
    app.options("holidays")(_options(context, offer_countries))


def _options(context: AppContext, offer: Callable[[AppContext, Body, WebClient], list[Block]]) -> Callable[..., None]:
    """A listener that offers options, or none to whoever may not see them."""

    def listener(ack: Ack, body: dict[str, object], client: WebClient) -> None:
        try:
            ack(options=offer(context, body, client))
        except CostError:
            ack(options=[])

    return listener


def offer_values(context: AppContext, body: Body, client: WebClient) -> list[Block]:
    """Values that match what is typed, within what the person may see."""
    request = context.authorize(fields.origin(body, client), "menu")
    typed = str(body.get("value") or "")
    return choices.offer(context, context.workspace_memory(client), request.scope, typed)


def offer_timezones(_context: AppContext, body: Body, _client: WebClient) -> list[Block]:
    """Timezones that match what is typed."""
    typed = str(body.get("value") or "").lower().replace(" ", "_")
    names = sorted(name for name in available_timezones() if typed in name.lower())
    return [option(name, name) for name in names[:_MAX_OPTIONS]]


def offer_countries(_context: AppContext, body: Body, _client: WebClient) -> list[Block]:
    """Countries that match what is typed and whose public holidays are known."""
    typed = str(body.get("value") or "").lower()
    names = [(code, name) for code, name in countries().items() if typed in name.lower() or typed == code.lower()]
    return [option(name, code) for code, name in names[:_MAX_OPTIONS]]


def offer_groups(context: AppContext, body: Body, client: WebClient) -> list[Block]:
    """User groups that match what is typed, for admins."""
    destination = fields.origin(body, client)
    context.admin(destination)
    typed = str(body.get("value") or "").lower()
    groups = context.people.named_groups(client, destination.team)
    return [option(f"@{name}", key) for key, name in groups.items() if typed in name.lower()][:_MAX_OPTIONS]


def open_settings(context: AppContext, destination: Destination, trigger: str) -> None:
    """Opens a person's own settings."""
    person = context.people.person(destination.client, destination.team, destination.user)
    view = answer_forms.settings(
        context.people.preferences(person),
        context.workspace_memory(destination.client),
        context.settings.currencies,
        fields.metadata(destination),
    )
    context.open(destination, trigger, view)


def on_settings(context: AppContext, body: Body, client: WebClient) -> None:
    """Opens the settings from a button."""
    open_settings(context, destination_of(body, client), str(body["trigger_id"]))


def on_settings_submitted(context: AppContext, body: Body, client: WebClient) -> None:
    """Stores what was set."""
    destination = fields.origin(body, client)
    person = context.people.person(client, destination.team, destination.user)
    entered = Entered(body["view"]["state"]["values"])
    where = choices.filters(context.workspace_memory(client), entered.options("only"), exclude=False)
    preferences = Preferences(timezone=entered.option("timezone"), currency=entered.option("currency"), where=where)
    context.people.prefer(person, preferences)
    context.audit.note(destination.team, person.id, "changed settings", entry_point="modal")
    context.delivery.reply(destination, plain_message.sentence("Your settings are saved."))


def summary(context: AppContext, request: Request) -> str:
    """What a person has set, in one line, for App Home."""
    preferences = context.people.preferences(request.person)
    count = len(preferences.where)
    usual = f"usually {count} {'filter' if count == 1 else 'filters'}" if count else "everything"
    timezone = preferences.timezone or request.person.timezone
    return f"{timezone} · {preferences.currency or 'currencies as billed'} · {usual}"
