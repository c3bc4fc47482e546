"""Alerts in Slack: where they are posted, what is pressed on them, ``alerts …`` after the command, App Home."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from hashlib import blake2b
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.alerts.model import subject
from bot.alerts.service import Alerts, Case, Finding, Rule
from bot.blockkit.build import Block, Message, actions, button, escape, header, option, section, small
from bot.digests.scope import resolved
from bot.domain.errors import CostError, NotUnderstood
from bot.domain.scope import Scope
from bot.render.slack import alert_message, answer_message
from bot.slack import answers
from bot.slack.context import AppContext, Body, Request
from bot.slack.digest_publisher import readable
from bot.slack.listeners import buttons
from bot.slack.listeners.messages import is_first_delivery
from bot.slack.message_sink import MessageSink
from bot.slack.modals import fields
from bot.slack.modals.fields import Entered, Field
from bot.slack.resources import alert_form, base

_WORDS = "new · list · test NAME · pause NAME · resume NAME · delete NAME"
_MOST = 40


class Publisher:
    """Draws and posts alerts; ``clients`` gives a workspace's client."""

    def __init__(
        self, context: AppContext, clients: Callable[[str], WebClient], sink: type[MessageSink] = MessageSink
    ) -> None:
        self._context, self._clients, self._outlet = context, clients, sink

    def scope(self, rule: Rule, channel: str) -> Scope:
        """What whoever reads the rule's alerts in a channel may see, and no more than its owner.

        Raises:
            AccessDenied: nothing.
            Unavailable: Slack does not tell who reads it.
        """
        return readable(self._context, self._clients(rule.team), rule.team, channel, rule.owner)

    def sink(self, rule: Rule, channel: str, event: str) -> MessageSink:
        """A channel to post in.

        Raises:
            NotSaid: there is no such place.
        """
        return self._outlet(self._context.delivery, self._clients(rule.team), channel, event)

    def draw(self, rule: Rule, case: Case, *, moved_to: str = "") -> Message:
        """The message of a case."""
        return alert_message.card(case, f"{rule.key}:{case.id}", rule.zone, moved_to=moved_to)

    def draw_rest(self, rule: Rule, cases: Sequence[Case]) -> Message:
        """The message of all that was beyond a day's ceiling."""
        return alert_message.rest(rule, cases)

    def draw_note(self, text: str) -> Message:
        """A sentence for a case's thread."""
        return answer_message.sentence(text)

    def notify_owner(self, rule: Rule, what: str) -> None:
        """Tells the owner once why alerts do not come."""
        mark = blake2b(what.encode(), digest_size=8).hexdigest()
        message = answer_message.sentence(f"The alerts of {rule.name} could not be posted.", what)
        for user in [rule.owner] if rule.owner else sorted(self._context.settings.admins):
            self._context.delivery.notify_once(
                self._clients(rule.team), user, f"alert:{rule.key}:{mark}:{user}", message
            )


def listen(app: App, context: AppContext, alerts: Alerts) -> None:
    """Registers the listeners and joins the desk: ``alerts`` after the command, App Home."""
    office = _Office(context, alerts)
    context.subcommands["alerts"] = context.subcommands["alert"] = office.hear
    context.home_sections.append(office.home)
    context.on_uninstall.append(alerts.erase)
    for name, handle in {
        "alert_new": office.press_new,
        "alert_menu": office.press_menu,
        "alert_investigate": office.investigate,
        "alert_snooze": office.snooze,
        "alert_wake": office.wake,
        "alert_expected": office.press_expected,
        "alert_route": office.press_route,
    }.items():
        app.action(name)(buttons.deduplicated(context, handle))
    app.view("alert_expected")(buttons.deduplicated(context, office.submit_expected))

    @app.view(alert_form.CALLBACK)
    def saved(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        office.submit_rule(ack, body, client)

    @app.view("alert_route")
    def routed(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        office.submit_route(ack, body, client)


@dataclass(frozen=True)
class _Office:
    context: AppContext
    alerts: Alerts

    # --- on a card --------------------------------------------------------------------------------------------

    def investigate(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """Why, in the card's thread."""
        request, (_, case) = self._pressed(body, client)
        answers.answer_question(self.context, request, case.finding.why())

    def snooze(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """Rests for a while."""
        choice, _, key = str(body["actions"][0]["selected_option"]["value"]).partition(":")
        request = buttons.authorized(self.context, body, client)
        rule, case = self.alerts.find(key, request.person.team)
        self.alerts.snooze(rule, case, choice, request.person.id)
        self._note(request, "snoozed alert", case)

    def wake(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """Neither snoozed nor expected any more."""
        request, (rule, case) = self._pressed(body, client)
        self.alerts.wake(rule, case, request.person.id)
        self._note(request, "woke alert", case)

    def press_expected(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """Asks why it is expected."""
        request, (rule, case) = self._pressed(body, client)
        told = fields.metadata(request.destination, alert=f"{rule.key}:{case.id}")
        self.context.open(request.destination, str(body["trigger_id"]), alert_form.expected(case, told))

    def submit_expected(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """Remembers that it is expected, and why."""
        request, rule, case = self._submitted(body, client)
        note = Entered(body["view"]["state"]["values"]).text("note")
        self.alerts.expect(rule, case, note, request.person.id)
        self._note(request, "expected alert", case)

    def press_route(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """Asks where it belongs."""
        request, (rule, case) = self._pressed(body, client)
        told = fields.metadata(request.destination, alert=f"{rule.key}:{case.id}")
        self.context.open(request.destination, str(body["trigger_id"]), alert_form.route(case, told))

    def submit_route(self, ack: Ack, body: Body, client: WebClient) -> None:
        """Moves it, or says at the field why not."""
        target = Entered(body["view"]["state"]["values"]).whom("where")
        try:
            request, rule, case = self._submitted(body, client)
            readable(self.context, client, request.person.team, target, request.person.id)
        except CostError as error:
            ack(response_action="errors", errors={"where": str(error)[:150]})
            return
        ack()
        if is_first_delivery(self.context, body):
            self.alerts.route(rule, case, target, request.person.id)
            self._note(request, "routed alert", case)

    def _pressed(self, body: Body, client: WebClient) -> tuple[Request, tuple[Rule, Case]]:
        request = buttons.authorized(self.context, body, client)
        return request, self.alerts.find(str(body["actions"][0]["value"]), request.person.team)

    def _submitted(self, body: Body, client: WebClient) -> tuple[Request, Rule, Case]:
        request = buttons.submitted(self.context, body, client)
        rule, case = self.alerts.find(fields.carried(body["view"])["alert"], request.person.team)
        return request, rule, case

    def _note(self, request: Request, act: str, case: Case) -> None:
        self.context.audit.note(
            request.person.team,
            request.person.id,
            act,
            channel=request.destination.channel,
            entry_point=request.entry_point,
            question=case.finding.name,
        )

    # --- rules ------------------------------------------------------------------------------------------------

    def hear(self, request: Request, rest: str, trigger: str) -> None:
        """A command: its first word says what, the rest names the rule."""
        word, _, name = rest.partition(" ")
        word = word.lower()
        if word in {"", "list"}:
            self.context.reply(request, self.listed(request))
        elif word == "new":
            self._open(request, trigger)
        elif word in _DEEDS:
            self.do(request, word, self._found(request, name), trigger)
        elif sizes := _sizes(rest):
            self._open(request, trigger, **sizes)
        else:
            raise NotUnderstood(f"{word!r} is nothing I can do with alerts.", self._words)

    def press_new(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """Opens the modal from a button."""
        self._open(base.opened(self.context, body, client), str(body["trigger_id"]))

    def press_menu(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """Something chosen from a rule's menu."""
        word, name = base.chosen(body)
        request = base.opened(self.context, body, client)
        self.do(request, word, self._found(request, name), str(body["trigger_id"]))

    def _found(self, request: Request, name: str) -> Rule:
        """One that the person may know of: of others it is not even said that there are any."""
        known = self._seen(request)
        base.named(known, name, "alert rules")
        return self.alerts.rule(name, request.person.team, among=known)

    def _seen(self, request: Request) -> list[Rule]:
        """Those that somebody is told of: their own, and those of which they see all that is told by them."""
        known = self.alerts.rules(request.person.team)
        return [
            each
            for each in known
            if base.visible(self.context, request, each.owner, partial(self._about, request, each))
        ]

    def _about(self, request: Request, rule: Rule) -> Scope:
        """All that a rule's alerts tell of: what their readers see of its scope."""
        try:
            seen = readable(self.context, request.destination.client, request.person.team, rule.channel, rule.owner)
        except CostError:
            seen = self.context.access.workspace(request.person.team)  # they go nowhere; where they went is not known
        return resolved(rule.scope, self.context.asker, seen)[0]

    @property
    def _words(self) -> str:
        return f"{self.context.settings.command} alerts {_WORDS}"

    def do(self, request: Request, word: str, rule: Rule, trigger: str) -> None:
        """One of the deeds, for the rule's owner and admins."""
        base.mine(request, rule.owner)
        _DEEDS[word](self, request, rule, trigger)
        self.context.audit.note(
            request.person.team,
            request.person.id,
            f"alerts {word}",
            entry_point=request.entry_point,
            question=rule.name,
        )

    def test(self, request: Request, rule: Rule, _trigger: str) -> None:
        """Posts a made-up alert where the rule's go."""
        self.alerts.test(rule, _sample(request))
        self.context.reply(request, answer_message.sentence("A test alert is posted.", "Its figures are made up."))

    def pause(self, request: Request, rule: Rule, _trigger: str) -> None:
        """Stops a rule."""
        self.alerts.save(rule.model_copy(update={"paused": True}), instead=rule.handle)
        resume = f"{self.context.settings.command} alerts resume {rule.name}"
        self.context.reply(request, answer_message.sentence(f"{rule.name} is paused.", resume))

    def resume(self, request: Request, rule: Rule, _trigger: str) -> None:
        """Lets a rule watch again."""
        self.alerts.save(rule.model_copy(update={"paused": False}), instead=rule.handle)
        self.context.reply(request, answer_message.sentence(f"{rule.name} watches again."))

    def delete(self, request: Request, rule: Rule, _trigger: str) -> None:
        """Lets go of a rule."""
        self.alerts.delete(rule)
        self.context.reply(request, answer_message.sentence(f"{rule.name} is deleted."))

    def edit(self, request: Request, rule: Rule, trigger: str) -> None:
        """Opens the modal with all of it."""
        told = fields.metadata(request.destination, rule=rule.handle)
        self.context.open(
            request.destination, trigger, alert_form.rule(rule, self.context.kept(request.destination.client), told)
        )

    def _open(self, request: Request, trigger: str, **sizes: Decimal) -> None:
        zone = self.context.people.preferences(request.person).timezone or request.person.timezone
        fresh = Rule(name="alerts", channel=request.person.id, timezone=zone).model_copy(update=sizes)
        view = alert_form.rule(
            fresh,
            self.context.kept(request.destination.client),
            fields.metadata(request.destination),
            here=base.here(request),
        )
        self.context.open(request.destination, trigger, view)

    def submit_rule(self, ack: Ack, body: Body, client: WebClient) -> None:
        """Keeps the rule, or says at the field what is wrong with it."""
        base.submitted(self.context, ack, body, client, "rule", self._entered, self._keep)

    def _keep(self, request: Request, rule: Rule, instead: str) -> None:
        self.alerts.save(rule, instead=instead)
        self.context.audit.note(
            request.person.team, request.person.id, "alerts saved", entry_point="modal", question=rule.name
        )
        line = f"{rule.name} is set: {rule.when()}."
        self.context.reply(request, Message(escape(line), [section(escape(line), _menu(rule))]))

    def _entered(self, request: Request, told: Mapping[str, str], body: Body) -> Rule | list[Field]:
        instead = told.get("rule", "")
        before = self._found(request, instead) if instead else None
        if before:
            base.mine(request, before.owner)
        owner = before.owner if before else request.person.id
        memory, state = self.context.kept(request.destination.client), body["view"]["state"]["values"]
        found = alert_form.read(memory, state, owner=owner, team=request.person.team)
        if isinstance(found, list):
            return found
        if before and before.name == found.name:
            found = found.model_copy(update={"id": before.id})
        elif wrong := base.free(found.name, [each.name for each in self._seen(request)], "a rule"):
            return wrong
        try:
            readable(self.context, request.destination.client, found.team, found.channel, owner)
        except CostError as error:
            return [Field("where", str(error)[:150])]
        return found

    def listed(self, request: Request) -> Message:
        """Every rule of the workspace that the person may know of, each with its menu."""
        found = self._seen(request)
        drawn = [header("Alerts"), *([_one(each) for each in found[:_MOST]] or [section("There are none yet.")])]
        drawn += [*actions(button("New alerts", "alert_new")), *small(self._words)]
        told = [f"{each.name}: {each.when()}" for each in found] or ["There are no alerts yet."]
        return Message(escape("\n".join([*told, self._words])), drawn)

    def home(self, request: Request) -> list[Block]:
        """Those that come to the person or are theirs, for App Home."""
        found = [each for each in self._seen(request) if request.person.id in {each.owner, each.channel}]
        drawn = [section("*My alerts*", button("New alerts", "alert_new"))]
        return drawn + ([_one(each) for each in found[:10]] or small("None yet."))


_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|percent\b|per cent\b)")
_AMOUNT = re.compile(r"[$€£]\s*(\d[\d,]*(?:\.\d+)?)")


def _sizes(words: str) -> dict[str, Decimal]:
    """From which size on to tell, as in "me when something is over $50 and 20%"; empty where none is named."""
    found = {"min_amount": _AMOUNT.search(words), "min_percent": _PERCENT.search(words)}
    return {name: Decimal(each[1].replace(",", "")) for name, each in found.items() if each}


def _one(rule: Rule) -> Block:
    destination = f"<#{rule.channel}>" if rule.channel[:1] in {"C", "G"} else f"<@{rule.channel}>"
    paused = " · paused" if rule.paused else ""
    return section(f"*{escape(rule.name)}*: {escape(rule.when())} to {destination}{paused}", _menu(rule))


def _menu(rule: Rule) -> Block:
    deeds = [("Post a test", "test"), ("Resume", "resume") if rule.paused else ("Pause", "pause")]
    deeds += [("Change…", "edit"), ("Delete", "delete")]
    options = [option(words, f"{deed}:{rule.handle}") for words, deed in deeds]
    return {"type": "overflow", "action_id": "alert_menu", "options": options}


def _sample(request: Request) -> Finding:
    key = {"ServiceName": "A service"}
    return Finding(
        watched="anomalies",
        subjects=(subject("anomalies", key, "USD", up=True),),
        key=key,
        name="TEST: a service that does not exist",
        currency="USD",
        kind="shift",
        start=request.today - timedelta(days=2),
        end=request.today,
        amount=Decimal(240),
        usual=Decimal(100),
        change=Decimal(140),
        share=Decimal("1.4"),
        per_month=Decimal(4200),
    )


_Deed = Callable[[_Office, Request, Rule, str], None]
_DEEDS: Mapping[str, _Deed] = {
    "test": _Office.test,
    "pause": _Office.pause,
    "resume": _Office.resume,
    "delete": _Office.delete,
    "edit": _Office.edit,
}
