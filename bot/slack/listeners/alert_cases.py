"""The buttons of a posted alert: investigate, snooze, wake, expected, route."""

from __future__ import annotations

from functools import partial

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.alerts.service import AlertRule, Alerts, Case
from bot.blockkit.build import Block
from bot.domain.errors import CostError
from bot.render.alert import finding_name, finding_sentence
from bot.slack import answers
from bot.slack.audience import audience_scope
from bot.slack.context import AppContext, Body, Request
from bot.slack.deduplication import deduplicated, is_first_delivery
from bot.slack.listeners import buttons
from bot.slack.modals import fields
from bot.slack.modals.fields import Entered, FieldError
from bot.slack.modals.form import Channel, Form, TextField


def listen(app: App, context: AppContext, alerts: Alerts) -> None:
    """Registers the listeners for the buttons and the modals they open."""
    handlers = {
        "alert_investigate": on_investigate,
        "alert_snooze": on_snooze,
        "alert_wake": on_wake,
        "alert_expected": on_expected,
        "alert_route": on_route,
    }
    for name, handler in handlers.items():
        app.action(name)(deduplicated(context, partial(handler, alerts)))
    app.view("alert_expected")(deduplicated(context, partial(on_expected_submitted, alerts)))

    @app.view("alert_route")
    def routed(ack: Ack, body: dict[str, object], client: WebClient) -> None:
        on_route_submitted(alerts, context, ack, body, client)


def on_investigate(alerts: Alerts, context: AppContext, body: Body, client: WebClient) -> None:
    """Answers why, in the alert's thread."""
    request, _, case = _pressed(alerts, context, body, client)
    answers.answer_question(context, request, case.finding.why())


def on_snooze(alerts: Alerts, context: AppContext, body: Body, client: WebClient) -> None:
    """Snoozes it for the chosen time."""
    choice, _, key = str(body["actions"][0]["selected_option"]["value"]).partition(":")
    request = buttons.authorized(context, body, client)
    rule, case = alerts.find(key, request.person.team)
    alerts.snooze(rule, case, choice, request.person.id)
    _audit(context, request, "snoozed alert", case)


def on_wake(alerts: Alerts, context: AppContext, body: Body, client: WebClient) -> None:
    """Makes it neither snoozed nor expected any more."""
    request, rule, case = _pressed(alerts, context, body, client)
    alerts.wake(rule, case, request.person.id)
    _audit(context, request, "woke alert", case)


def on_expected(alerts: Alerts, context: AppContext, body: Body, client: WebClient) -> None:
    """Asks why it is expected."""
    request, rule, case = _pressed(alerts, context, body, client)
    _open(context, request, body, expected_form(rule, case, request))


def on_expected_submitted(alerts: Alerts, context: AppContext, body: Body, client: WebClient) -> None:
    """Stores that it is expected, and why."""
    request, rule, case = _submitted(alerts, context, body, client)
    note = Entered(body["view"]["state"]["values"]).text("note")
    alerts.expect(rule, case, note, request.person.id)
    _audit(context, request, "expected alert", case)


def on_route(alerts: Alerts, context: AppContext, body: Body, client: WebClient) -> None:
    """Asks which channel it belongs in."""
    request, rule, case = _pressed(alerts, context, body, client)
    _open(context, request, body, route_form(rule, case, request))


def on_route_submitted(alerts: Alerts, context: AppContext, ack: Ack, body: Body, client: WebClient) -> None:
    """Moves it, or says at the field why not."""
    target = Entered(body["view"]["state"]["values"]).conversation("where")
    try:
        request, rule, case = _submitted(alerts, context, body, client)
        audience_scope(context, client, request.person.team, target, request.person.id)
    except CostError as error:
        ack(response_action="errors", errors=fields.errors([FieldError("where", str(error))]))
        return
    ack()
    if is_first_delivery(context, body):
        alerts.route(rule, case, target, request.person.id)
        _audit(context, request, "routed alert", case)


def expected_form(rule: AlertRule, case: Case, request: Request) -> Block:
    """The modal that asks why a cost is expected."""
    form = Form(
        "alert_expected",
        (TextField(name="note", label="Why is it expected?", required=True, multiline=True, max_length=500),),
        intro=finding_sentence(case.finding),
        notes=("Similar alerts stay muted until the cost doubles.",),
    )
    return form.view("Expected", {}, _metadata(rule, case, request))


def route_form(rule: AlertRule, case: Case, request: Request) -> Block:
    """The modal that asks which channel an alert belongs in."""
    form = Form(
        "alert_route",
        (Channel(name="where", label="Channel", required=True),),
        intro=finding_sentence(case.finding),
        notes=("It is posted there, and updated there from now on.",),
        submit="Route",
    )
    return form.view("Route this alert", {}, _metadata(rule, case, request))


def _metadata(rule: AlertRule, case: Case, request: Request) -> str:
    return fields.metadata(request.destination, alert=f"{rule.key}:{case.id}")


def _open(context: AppContext, request: Request, body: Body, view: Block) -> None:
    context.open(request.destination, str(body["trigger_id"]), view)


def _pressed(alerts: Alerts, context: AppContext, body: Body, client: WebClient) -> tuple[Request, AlertRule, Case]:
    request = buttons.authorized(context, body, client)
    return request, *alerts.find(str(body["actions"][0]["value"]), request.person.team)


def _submitted(alerts: Alerts, context: AppContext, body: Body, client: WebClient) -> tuple[Request, AlertRule, Case]:
    request = buttons.submitted(context, body, client)
    return request, *alerts.find(fields.read_metadata(body["view"])["alert"], request.person.team)


def _audit(context: AppContext, request: Request, act: str, case: Case) -> None:
    context.audit.note(
        request.person.team,
        request.person.id,
        act,
        channel=request.destination.channel,
        entry_point=request.entry_point,
        question=finding_name(case.finding),
    )
