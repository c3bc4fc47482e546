"""The modals of alerts: a rule, what is expected, where to route."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from bot.alerts.service import Case, Rule
from bot.blockkit.build import Block, input_block, modal, option, paragraph, plain, small
from bot.digests.model import DigestScope, reason
from bot.slack.listeners import options
from bot.slack.modals.fields import Entered, Field, State
from bot.slack.workspace_memory import WorkspaceMemory

CALLBACK = "alert"
_WATCHES = (("anomalies", "Unusual costs"), ("budgets", "Budgets"))
_FIELDS = {"channel": "where", "scope": "only", "quiet_from": "quiet_from", "quiet_to": "quiet_to"}


def rule(found: Rule, memory: WorkspaceMemory, metadata: str, *, here: str = "") -> Block:
    """The modal for a rule."""
    watches = [option(words, name) for name, words in _WATCHES]
    ticked = [each for each in watches if each["value"] in found.watches]
    first = options.initial(memory, found.scope.where, exclude=False)
    only = {"type": "multi_external_select", "min_query_length": 0, "placeholder": plain("Accounts, tags, services …")}
    blocks = [
        input_block("name", "Name", _text(found.name), optional=False),
        input_block("where", "Channel", _channel(found.channel, here), hint="Without one it comes to you alone."),
        input_block("watches", "Tell", {"type": "checkboxes", "options": watches, "initial_options": ticked}),
        input_block("min_amount", "From how much a day", _text(f"{found.min_amount:f}"), hint="In the billed currency"),
        input_block("min_percent", "From how many percent", _text(f"{found.min_percent:f}"), hint="Of what is usual"),
        input_block("only", "Only these", {**only, **({"initial_options": first} if first else {})}),
        input_block("quiet_from", "Quiet from", _time(found.quiet_from)),
        input_block("quiet_to", "Quiet to", _time(found.quiet_to), hint="What is found meanwhile comes after."),
        input_block("timezone", "Timezone", _zone(found.timezone), optional=False),
        input_block(
            "ceiling", "At most so many a day", _text(str(found.ceiling)), hint="The rest comes in one message."
        ),
    ]
    return modal(CALLBACK, "Alerts", blocks, submit="Save", metadata=metadata)


def _text(value: str) -> Block:
    return {"type": "plain_text_input", "max_length": 60, **({"initial_value": value} if value else {})}


def _time(value: str) -> Block:
    return {"type": "timepicker", **({"initial_time": value} if value else {})}


def _zone(value: str) -> Block:
    return {"type": "external_select", "min_query_length": 2, "initial_option": option(value, value)}


def _channel(value: str, here: str = "") -> Block:
    include = {"include": ["public", "private"], "exclude_external_shared_channels": True, "exclude_bot_users": True}
    first = value if value[:1] in {"C", "G"} else here
    return {"type": "conversations_select", "filter": include, **({"initial_conversation": first} if first else {})}


def read(memory: WorkspaceMemory, state: State, *, owner: str, team: str) -> Rule | list[Field]:
    """The rule that was entered, or what is wrong with it, by field."""
    entered = Entered(state)
    numbers: dict[str, Any] = {}
    for name in ("min_amount", "min_percent", "ceiling"):
        try:
            numbers[name] = Decimal(entered.text(name).strip("$€£%") or "0")
        except InvalidOperation:
            return [Field(name, "Write a number.")]
    try:
        return Rule(
            name=entered.text("name"),
            channel=entered.whom("where") or owner,
            watches=tuple(entered.options("watches")),
            scope=DigestScope(where=options.filters(memory, entered.options("only"), exclude=False)),
            quiet_from=_entered_time(state, "quiet_from"),
            quiet_to=_entered_time(state, "quiet_to"),
            timezone=entered.option("timezone"),
            owner=owner,
            team=team,
            **numbers,
        )
    except ValidationError as error:
        key, why = reason(error)
        return [Field(_FIELDS.get(key, key or "name"), why[:150])]


def _entered_time(state: State, name: str) -> str:
    fields: Mapping[str, Any] = state.get(name) or {}
    return str((fields.get(name) or {}).get("selected_time") or "")


def expected(case: Case, metadata: str) -> Block:
    """Why a cost is as it should be."""
    note = {"type": "plain_text_input", "multiline": True, "max_length": 500}
    blocks = [
        paragraph(case.finding.sentence()),
        input_block("note", "Why is it expected?", note, optional=False),
        *small("The like is not told again unless it becomes twice as much."),
    ]
    return modal("alert_expected", "Expected", blocks, submit="Save", metadata=metadata)


def route(case: Case, metadata: str) -> Block:
    """Which channel an alert belongs in."""
    blocks = [
        paragraph(case.finding.sentence()),
        input_block("where", "Channel", _channel(""), optional=False),
        *small("It is posted there, and what becomes of it is told there."),
    ]
    return modal("alert_route", "Route", blocks, submit="Route", metadata=metadata)
