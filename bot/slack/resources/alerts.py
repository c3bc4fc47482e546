"""Alerts in Slack: where they are posted, what is pressed on them, ``alerts …`` after the command, App Home."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.alerts.model import subject
from bot.alerts.service import Alerts, Case, Finding, Rule
from bot.blockkit.build import Block, Message, actions, button, escape, header, option, section, small
from bot.domain.errors import CostError, NotUnderstood
from bot.domain.scope import Scope
from bot.render.slack import alert_message, answer_message
from bot.slack import answers
from bot.slack.context import Body, Desk, Visit
from bot.slack.digest_publisher import readable
from bot.slack.listeners import buttons
from bot.slack.listeners.messages import first_time
from bot.slack.modals import fields
from bot.slack.modals.fields import Entered, Field
from bot.slack.poster import Outlet
from bot.slack.resources import alert_form, base

_WORDS = "new · list · test NAME · pause NAME · resume NAME · delete NAME"
_MOST = 40


class Poster:
    """Draws and posts alerts; ``clients`` gives a workspace's client."""

    def __init__(self, desk: Desk, clients: Callable[[str], WebClient], outlet: type[Outlet] = Outlet) -> None:
        self._desk, self._clients, self._outlet = desk, clients, outlet

    def scope(self, rule: Rule, channel: str) -> Scope:
        """What whoever reads the rule's alerts in a channel may see, and no more than its owner.

        Raises:
            AccessDenied: nothing.
            Unavailable: Slack does not tell who reads it.
        """
        return readable(self._desk, self._clients(rule.team), rule.team, channel, rule.owner)

    def outlet(self, rule: Rule, channel: str, event: str) -> Outlet:
        """A channel to post in.

        Raises:
            NotSaid: there is no such place.
        """
        return self._outlet(self._desk.delivery, self._clients(rule.team), channel, event)

    def draw(self, rule: Rule, case: Case, *, moved_to: str = "") -> Message:
        """The message of a case."""
        return alert_message.card(case, f"{rule.key}:{case.id}", rule.zone, moved_to=moved_to)

    def draw_rest(self, rule: Rule, cases: Sequence[Case]) -> Message:
        """The message of all that was beyond a day's ceiling."""
        return alert_message.rest(rule, cases)

    def draw_note(self, text: str) -> Message:
        """A sentence for a case's thread."""
        return answer_message.sentence(text)

    def complain(self, rule: Rule, what: str) -> None:
        """Tells the owner once why alerts do not come."""
        mark = blake2b(what.encode(), digest_size=8).hexdigest()
        message = answer_message.sentence(f"The alerts of {rule.name} could not be posted.", what)
        for user in [rule.owner] if rule.owner else sorted(self._desk.settings.admins):
            self._desk.delivery.tell_once(self._clients(rule.team), user, f"alert:{rule.key}:{mark}:{user}", message)


def listen(app: App, desk: Desk, alerts: Alerts) -> None:
    """Registers the listeners and joins the desk: ``alerts`` after the command, App Home."""
    office = _Office(desk, alerts)
    desk.words["alerts"] = desk.words["alert"] = office.hear
    desk.sections.append(office.home)
    desk.leaving.append(alerts.erase)
    for name, handle in {
        "alert_new": office.press_new,
        "alert_menu": office.press_menu,
        "alert_investigate": office.investigate,
        "alert_snooze": office.snooze,
        "alert_wake": office.wake,
        "alert_expected": office.press_expected,
        "alert_route": office.press_route,
    }.items():
        app.action(name)(buttons.once(desk, handle))
    app.view("alert_expected")(buttons.once(desk, office.submit_expected))

    @app.view(alert_form.CALLBACK)
    def saved(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        office.submit_rule(ack, body, client)

    @app.view("alert_route")
    def routed(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        office.submit_route(ack, body, client)


@dataclass(frozen=True)
class _Office:
    desk: Desk
    alerts: Alerts

    # --- on a card --------------------------------------------------------------------------------------------

    def investigate(self, _desk: Desk, body: Body, client: WebClient) -> None:
        """Why, in the card's thread."""
        visit, (_, case) = self._pressed(body, client)
        answers.answer_question(self.desk, visit, case.finding.why())

    def snooze(self, _desk: Desk, body: Body, client: WebClient) -> None:
        """Rests for a while."""
        choice, _, key = str(body["actions"][0]["selected_option"]["value"]).partition(":")
        visit = buttons.visiting(self.desk, body, client)
        rule, case = self.alerts.find(key, visit.person.team)
        self.alerts.snooze(rule, case, choice, visit.person.id)
        self._note(visit, "snoozed alert", case)

    def wake(self, _desk: Desk, body: Body, client: WebClient) -> None:
        """Neither snoozed nor expected any more."""
        visit, (rule, case) = self._pressed(body, client)
        self.alerts.wake(rule, case, visit.person.id)
        self._note(visit, "woke alert", case)

    def press_expected(self, _desk: Desk, body: Body, client: WebClient) -> None:
        """Asks why it is expected."""
        visit, (rule, case) = self._pressed(body, client)
        told = fields.metadata(visit.place, alert=f"{rule.key}:{case.id}")
        self.desk.open(visit.place, str(body["trigger_id"]), alert_form.expected(case, told))

    def submit_expected(self, _desk: Desk, body: Body, client: WebClient) -> None:
        """Remembers that it is expected, and why."""
        visit, rule, case = self._submitted(body, client)
        note = Entered(body["view"]["state"]["values"]).text("note")
        self.alerts.expect(rule, case, note, visit.person.id)
        self._note(visit, "expected alert", case)

    def press_route(self, _desk: Desk, body: Body, client: WebClient) -> None:
        """Asks where it belongs."""
        visit, (rule, case) = self._pressed(body, client)
        told = fields.metadata(visit.place, alert=f"{rule.key}:{case.id}")
        self.desk.open(visit.place, str(body["trigger_id"]), alert_form.route(case, told))

    def submit_route(self, ack: Ack, body: Body, client: WebClient) -> None:
        """Moves it, or says at the field why not."""
        target = Entered(body["view"]["state"]["values"]).whom("where")
        try:
            visit, rule, case = self._submitted(body, client)
            readable(self.desk, client, visit.person.team, target, visit.person.id)
        except CostError as error:
            ack(response_action="errors", errors={"where": str(error)[:150]})
            return
        ack()
        if first_time(self.desk, body):
            self.alerts.route(rule, case, target, visit.person.id)
            self._note(visit, "routed alert", case)

    def _pressed(self, body: Body, client: WebClient) -> tuple[Visit, tuple[Rule, Case]]:
        visit = buttons.visiting(self.desk, body, client)
        return visit, self.alerts.find(str(body["actions"][0]["value"]), visit.person.team)

    def _submitted(self, body: Body, client: WebClient) -> tuple[Visit, Rule, Case]:
        visit = buttons.submitted(self.desk, body, client)
        rule, case = self.alerts.find(fields.carried(body["view"])["alert"], visit.person.team)
        return visit, rule, case

    def _note(self, visit: Visit, act: str, case: Case) -> None:
        self.desk.audit.note(
            visit.person.team,
            visit.person.id,
            act,
            channel=visit.place.channel,
            way=visit.way,
            question=case.finding.name,
        )

    # --- rules ------------------------------------------------------------------------------------------------

    def hear(self, visit: Visit, rest: str, trigger: str) -> None:
        """A command: its first word says what, the rest names the rule."""
        word, _, name = rest.partition(" ")
        word = word.lower()
        if word in {"", "list"}:
            self.desk.say(visit, self.listed(visit))
        elif word == "new":
            self._open(visit, trigger)
        elif word in _DEEDS:
            self.do(visit, word, self.alerts.rule(name, visit.person.team), trigger)
        elif sizes := _sizes(rest):
            self._open(visit, trigger, **sizes)
        else:
            raise NotUnderstood(f"{word!r} is nothing I can do with alerts.", self._words)

    def press_new(self, _desk: Desk, body: Body, client: WebClient) -> None:
        """Opens the modal from a button."""
        self._open(base.opened(self.desk, body, client), str(body["trigger_id"]))

    def press_menu(self, _desk: Desk, body: Body, client: WebClient) -> None:
        """Something chosen from a rule's menu."""
        word, name = base.chosen(body)
        visit = base.opened(self.desk, body, client)
        self.do(visit, word, self.alerts.rule(name, visit.person.team), str(body["trigger_id"]))

    @property
    def _words(self) -> str:
        return f"{self.desk.settings.command} alerts {_WORDS}"

    def do(self, visit: Visit, word: str, rule: Rule, trigger: str) -> None:
        """One of the deeds, for the rule's owner and admins."""
        base.mine(visit, rule.owner)
        _DEEDS[word](self, visit, rule, trigger)
        self.desk.audit.note(visit.person.team, visit.person.id, f"alerts {word}", way=visit.way, question=rule.name)

    def test(self, visit: Visit, rule: Rule, _trigger: str) -> None:
        """Posts a made-up alert where the rule's go."""
        self.alerts.test(rule, _sample(visit))
        self.desk.say(visit, answer_message.sentence("A test alert is posted.", "Its figures are made up."))

    def pause(self, visit: Visit, rule: Rule, _trigger: str) -> None:
        """Stops a rule."""
        self.alerts.save(rule.model_copy(update={"paused": True}), instead=rule.name)
        resume = f"{self.desk.settings.command} alerts resume {rule.name}"
        self.desk.say(visit, answer_message.sentence(f"{rule.name} is paused.", resume))

    def resume(self, visit: Visit, rule: Rule, _trigger: str) -> None:
        """Lets a rule watch again."""
        self.alerts.save(rule.model_copy(update={"paused": False}), instead=rule.name)
        self.desk.say(visit, answer_message.sentence(f"{rule.name} watches again."))

    def delete(self, visit: Visit, rule: Rule, _trigger: str) -> None:
        """Lets go of a rule."""
        self.alerts.delete(rule)
        self.desk.say(visit, answer_message.sentence(f"{rule.name} is deleted."))

    def edit(self, visit: Visit, rule: Rule, trigger: str) -> None:
        """Opens the modal with all of it."""
        told = fields.metadata(visit.place, rule=rule.name)
        self.desk.open(visit.place, trigger, alert_form.rule(rule, self.desk.memory, told))

    def _open(self, visit: Visit, trigger: str, **sizes: Decimal) -> None:
        zone = self.desk.people.preferences(visit.person).timezone or visit.person.timezone
        fresh = Rule(name="alerts", channel=visit.person.id, timezone=zone).model_copy(update=sizes)
        view = alert_form.rule(fresh, self.desk.memory, fields.metadata(visit.place), here=base.here(visit))
        self.desk.open(visit.place, trigger, view)

    def submit_rule(self, ack: Ack, body: Body, client: WebClient) -> None:
        """Keeps the rule, or says at the field what is wrong with it."""
        base.submitted(self.desk, ack, body, client, "rule", self._entered, self._keep)

    def _keep(self, visit: Visit, rule: Rule, instead: str) -> None:
        self.alerts.save(rule, instead=instead)
        self.desk.audit.note(visit.person.team, visit.person.id, "alerts saved", way="modal", question=rule.name)
        line = f"{rule.name} is set: {rule.when()}."
        self.desk.say(visit, Message(escape(line), [section(escape(line), _menu(rule))]))

    def _entered(self, visit: Visit, told: Mapping[str, str], body: Body) -> Rule | list[Field]:
        instead = told.get("rule", "")
        before = self.alerts.rule(instead, visit.person.team) if instead else None
        if before:
            base.mine(visit, before.owner)
        owner = before.owner if before else visit.person.id
        found = alert_form.read(self.desk.memory, body["view"]["state"]["values"], owner=owner, team=visit.person.team)
        if isinstance(found, list):
            return found
        if wrong := base.free(found.name, [each.name for each in self.alerts.rules(found.team)], instead, "a rule"):
            return wrong
        try:
            readable(self.desk, visit.place.client, found.team, found.channel, owner)
        except CostError as error:
            return [Field("where", str(error)[:150])]
        return found

    def listed(self, visit: Visit) -> Message:
        """Every rule of the workspace, each with its menu."""
        found = self.alerts.rules(visit.person.team)
        drawn = [header("Alerts"), *([_one(each) for each in found[:_MOST]] or [section("There are none yet.")])]
        drawn += [*actions(button("New alerts", "alert_new")), *small(self._words)]
        told = [f"{each.name}: {each.when()}" for each in found] or ["There are no alerts yet."]
        return Message(escape("\n".join([*told, self._words])), drawn)

    def home(self, visit: Visit) -> list[Block]:
        """Those that come to the person or are theirs, for App Home."""
        found = [e for e in self.alerts.rules(visit.person.team) if visit.person.id in {e.owner, e.channel}]
        drawn = [section("*My alerts*", button("New alerts", "alert_new"))]
        return drawn + ([_one(each) for each in found[:10]] or small("None yet."))


_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|percent\b|per cent\b)")
_AMOUNT = re.compile(r"[$€£]\s*(\d[\d,]*(?:\.\d+)?)")


def _sizes(words: str) -> dict[str, Decimal]:
    """From which size on to tell, as in "me when something is over $50 and 20%"; empty where none is named."""
    found = {"min_amount": _AMOUNT.search(words), "min_percent": _PERCENT.search(words)}
    return {name: Decimal(each[1].replace(",", "")) for name, each in found.items() if each}


def _one(rule: Rule) -> Block:
    place = f"<#{rule.channel}>" if rule.channel[:1] in {"C", "G"} else f"<@{rule.channel}>"
    paused = " · paused" if rule.paused else ""
    return section(f"*{escape(rule.name)}*: {escape(rule.when())} to {place}{paused}", _menu(rule))


def _menu(rule: Rule) -> Block:
    deeds = [("Post a test", "test"), ("Resume", "resume") if rule.paused else ("Pause", "pause")]
    deeds += [("Change…", "edit"), ("Delete", "delete")]
    options = [option(words, f"{deed}:{rule.name}") for words, deed in deeds]
    return {"type": "overflow", "action_id": "alert_menu", "options": options}


def _sample(visit: Visit) -> Finding:
    key = {"ServiceName": "A service"}
    return Finding(
        watched="anomalies",
        subjects=(subject("anomalies", key, "USD", up=True),),
        key=key,
        name="TEST: a service that does not exist",
        currency="USD",
        kind="shift",
        start=visit.today - timedelta(days=2),
        end=visit.today,
        amount=Decimal(240),
        usual=Decimal(100),
        change=Decimal(140),
        share=Decimal("1.4"),
        per_month=Decimal(4200),
    )


_Deed = Callable[[_Office, Visit, Rule, str], None]
_DEEDS: Mapping[str, _Deed] = {
    "test": _Office.test,
    "pause": _Office.pause,
    "resume": _Office.resume,
    "delete": _Office.delete,
    "edit": _Office.edit,
}
