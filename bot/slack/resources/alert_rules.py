"""Alert rules: which unusual costs and budgets are posted where, from which size on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from bot.alerts.model import subject
from bot.alerts.service import AlertRule, Alerts, Finding
from bot.blockkit.build import Block, mrkdwn, plain
from bot.digests.model import DigestScope
from bot.digests.scope import resolved
from bot.domain.errors import CostError
from bot.domain.scope import Scope
from bot.render.alert import rule_words
from bot.render.slack import plain_message
from bot.slack.audience import audience_scope
from bot.slack.context import AppContext, Request
from bot.slack.modals.fields import FieldError
from bot.slack.modals.form import (
    Channel,
    Checkboxes,
    FiltersField,
    Form,
    NumberField,
    TextField,
    Time,
    Timezone,
    Values,
)
from bot.slack.resources.base import Action, Opening, Rejected, Resource

_WATCHES = (("anomalies", "Cost anomalies"), ("budgets", "Budgets"))
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|percent\b|per cent\b)")
_AMOUNT = re.compile(r"[$€£]\s*(\d[\d,]*(?:\.\d+)?)")


class _Rules:
    """The repository of rules as a resource has it."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts

    def all(self, team: str) -> Sequence[AlertRule]:
        return self._alerts.rules(team)

    def save(self, item: AlertRule, *, replaces: str = "") -> AlertRule:
        return self._alerts.save(item, replaces=replaces)

    def delete(self, item: AlertRule) -> None:
        self._alerts.delete(item)

    def erase(self, team: str) -> None:
        self._alerts.erase(team)


class AlertRules(Resource[AlertRule]):
    """Alert rules in Slack."""

    key: ClassVar[str] = "alert"
    noun: ClassVar[str] = "alert rule"
    plural: ClassVar[str] = "alert rules"
    subcommands: ClassVar[tuple[str, ...]] = ("alerts", "alert")
    pausable: ClassVar[bool] = True

    def __init__(self, context: AppContext, alerts: Alerts) -> None:
        super().__init__(context, _Rules(alerts))
        self._alerts = alerts

    def pause(self, item: AlertRule, *, paused: bool) -> None:
        """Stops it from posting, or lets it post again."""
        self._alerts.save(item.model_copy(update={"paused": paused}), replaces=item.handle)

    # --- an item in words -----------------------------------------------------------------------------------------

    def about(self, request: Request, item: AlertRule) -> Scope:
        """What its readers see of its scope."""
        try:
            client, team = request.destination.client, request.person.team
            scope = audience_scope(self.context, client, team, item.channel, item.owner)
        except CostError:  # it goes nowhere now; where it once went is not known
            scope = self.context.access.workspace(request.person.team)
        return resolved(item.scope, self.context.answer_service, scope)[0]

    def summary(self, item: AlertRule) -> str:
        """From which size on, and when."""
        return rule_words(item)

    def details(self, request: Request, items: Sequence[AlertRule]) -> Mapping[str, list[Block]]:
        """From which size on, when and where."""
        return {item.handle: [plain("Posted to"), _target(item), plain(rule_words(item), 500)] for item in items}

    def is_mine(self, request: Request, item: AlertRule) -> bool:
        """Whether somebody made it or receives its alerts."""
        return request.person.id in {item.owner, item.channel}

    def is_paused(self, item: AlertRule) -> bool:
        """Whether it is paused."""
        return item.paused

    # --- its form ---------------------------------------------------------------------------------------------

    def form(self, request: Request) -> Form:
        """What is watched, from which size on, where and when it is posted."""
        memory = self.context.workspace_memory(request.destination.client)
        return Form(
            self.key,
            (
                TextField(name="name", label="Name", required=True),
                Channel(name="channel", label="Channel", hint="If empty, alerts are sent only to you."),
                Checkboxes(name="watches", label="Alert on", options=_WATCHES),
                NumberField(name="min_amount", label="Minimum change a day", hint="In the billed currency"),
                NumberField(name="min_percent", label="Minimum change in percent", hint="Compared with the usual cost"),
                FiltersField(name="only", label="Only these", memory=memory),
                Time(name="quiet_from", label="Quiet from"),
                Time(name="quiet_to", label="Quiet until", hint="Alerts from these hours are posted afterward."),
                Timezone(name="timezone", label="Time zone", required=True),
                NumberField(
                    name="ceiling",
                    label="Maximum alerts a day",
                    hint="More alerts are combined into one message.",
                    default=Decimal(10),
                ),
            ),
        )

    def opening(self, request: Request) -> Opening:
        """The usual sizes, in the channel that the person is in."""
        zone = self.context.people.preferences(request.person).timezone or request.person.timezone
        usual = AlertRule(name="alerts", channel=request.destination.channel, timezone=zone)
        return Opening(self.values(request, usual))

    def on_other_words(self, request: Request, text: str) -> Opening | None:
        """A new rule of the sizes that the words name: "me when something is over $50 and 20%"."""
        matches = {"min_amount": _AMOUNT.search(text), "min_percent": _PERCENT.search(text)}
        sizes = {name: Decimal(match[1].replace(",", "")) for name, match in matches.items() if match}
        return Opening({**self.opening(request).values, **sizes}) if sizes else None

    def values(self, request: Request, item: AlertRule) -> Values:
        """Its parts."""
        parts = {"name", "channel", "watches", "min_amount", "min_percent", "quiet_from", "quiet_to", "timezone"}
        return {
            **{name: getattr(item, name) for name in parts},
            "ceiling": Decimal(item.ceiling),
            "only": item.scope.where,
        }

    def build(
        self, request: Request, values: Values, before: AlertRule | None, carried: Mapping[str, str]
    ) -> AlertRule:
        """The rule, once its channel may be posted to."""
        owner = before.owner if before else request.person.id
        rule = AlertRule.model_validate(
            {
                **{name: value for name, value in values.items() if name != "only"},
                "channel": values["channel"] or owner,
                "scope": DigestScope.model_validate({"where": values["only"]}),
                "owner": owner,
                "team": request.person.team,
                "id": before.id if before and before.name == values["name"] else "",
                "paused": bool(before and before.paused),
            }
        )
        try:
            audience_scope(self.context, request.destination.client, rule.team, rule.channel, owner)
        except CostError as error:
            raise Rejected(FieldError("channel", str(error))) from None
        return rule

    # --- what else it can do ----------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Action[AlertRule]]:
        """A test goes where its alerts go."""
        return {"test": Action("Post a test", self._test)}

    def _test(self, request: Request, rule: AlertRule) -> None:
        self._alerts.test(rule, _sample(request))
        self.context.reply(request, plain_message.sentence("A test alert is posted.", "Its figures are made up."))


def _target(rule: AlertRule) -> Block:
    return mrkdwn(f"<#{rule.channel}>" if rule.channel[:1] in {"C", "G"} else f"<@{rule.channel}>")


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
