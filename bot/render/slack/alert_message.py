"""Draws alerts: a card for a cause, the sum of what was beyond a day's ceiling. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import render
from bot.alerts.service import AlertRule, Case, Finding
from bot.blockkit.build import (
    Block,
    Message,
    actions,
    bullets,
    button,
    escape,
    mrkdwn,
    option,
    plain,
    rich_text,
    run,
    slack_mention,
    small,
)
from bot.render.alert import finding_sentence

_TITLES = {"anomalies": "Cost anomaly", "budgets": "Budget"}
_STATES = {"ended": "Ended", "gone": "No longer unusual", "expected": "Expected", "snoozed": "Snoozed"}
_SNOOZES = (("1d", "For 1 day"), ("7d", "For 7 days"), ("month", "Until the end of the month"))
_MOST = 20
_MOST_OWNERS = 4


def card(case: Case, key: str, zone: ZoneInfo, *, moved_to: str = "", owners: Sequence[str] = ()) -> Message:
    """The message of a case; ``key`` is what its buttons carry, ``owners`` whom to ask beside a budget's own."""
    finding = case.finding
    state = "Moved" if moved_to else _STATES.get(case.status, "")
    title = f"{_TITLES[finding.watched]}{f' · {state}' if state else ''}"
    sentence = finding_sentence(finding).removeprefix("Budget ")  # which the title says
    drawn: list[Block] = [rich_text(run(title, bold=True), run(f"\n{sentence}"))]
    if moved_to:
        drawn.append({"type": "context", "elements": [mrkdwn(f"<@{case.by}> moved this to <#{moved_to}>.")]})
        return Message(escape(f"{title}: {sentence}"), drawn)
    drawn += [{"type": "section", "fields": fields}] if (fields := _fields(finding, owners)) else []
    drawn += _status(case, zone)
    drawn += small("The newest days are provisional and may still be restated." if finding.provisional else "")
    drawn += _buttons(case, key)
    return Message(escape(f"{title}: {sentence}"), drawn)


def _fields(finding: Finding, owners: Sequence[str]) -> list[Block]:
    if finding.watched == "budgets":
        spent = "Spent, at least" if finding.partial else "Spent"
        facts = {spent: render.money(finding.amount, finding.currency), "Limit": _usual(finding)}
    else:
        facts = {
            "Per day": render.money(finding.amount, finding.currency),
            "Usual per day": _usual(finding),
            "Change per day": render.money(finding.change, finding.currency, signed=True),
            "Days": render.period(finding.period, year=False) + (", ongoing" if finding.ongoing else ""),
        }
    fields = [mrkdwn(f"*{name}*\n{escape(text)}") for name, text in facts.items()]
    named = dict.fromkeys(filter(None, (finding.owner, *owners)))
    return [*fields, *map(_owner, list(named)[:_MOST_OWNERS])]


def _owner(owner: str) -> Block:
    """Who is here by their id, mentioned; whoever a file names by that name, which formats nothing."""
    mentioned = slack_mention(owner)
    return mrkdwn(f"*Owner*\n{mentioned}") if mentioned else plain(f"Owner\n{owner}", 2000)


def _usual(finding: Finding) -> str:
    return render.money(finding.usual, finding.currency)


def _status(case: Case, zone: ZoneInfo) -> list[Block]:
    who = f"<@{case.by}>" if case.by else "Someone"
    if case.status == "snoozed" and case.until:
        sentence = f"{who} snoozed this until {_moment(case.until, zone)}."
    elif case.status == "expected":
        sentence = f"{who} says this is expected{': ' + escape(case.note) if case.note else ''}."
    elif case.status == "gone":
        sentence = "The provider restated these costs, and they are no longer unusual."
    else:
        return []
    return [{"type": "context", "elements": [mrkdwn(sentence)]}]


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {render.day(local.date())} {local:%H:%M}"


def _buttons(case: Case, key: str) -> list[Block]:
    snooze = {
        "type": "static_select",
        "action_id": "alert_snooze",
        "placeholder": plain("Snooze…"),
        "options": [option(words, f"{choice}:{key}") for choice, words in _SNOOZES],
    }
    investigate = button("Investigate", "alert_investigate", key, style="primary")
    route = button("Route…", "alert_route", key)
    if case.status in {"snoozed", "expected"}:
        return actions(
            investigate, button("End snooze" if case.status == "snoozed" else "Reopen", "alert_wake", key), route
        )
    if case.status in {"ended", "gone"}:
        return actions(investigate)
    return actions(investigate, snooze, button("Expected…", "alert_expected", key), route)


def rest(rule: AlertRule, cases: Sequence[Case]) -> Message:
    """All that was beyond the day's ceiling, largest first."""
    found = sorted(cases, key=lambda case: -abs(case.finding.change))
    lines = [finding_sentence(case.finding) for case in found[:_MOST]]
    more = [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    title = f"{len(found)} more alerts today, above the limit of {rule.ceiling}"
    return Message(escape("\n".join([title, *lines, *more])), [bullets(title, [*lines, *more])])
