"""Alerts in words: what was found, and what a rule watches."""

from __future__ import annotations

from datetime import date

from bot import render
from bot.alerts.model import AlertRule, Finding
from bot.domain.period import Period
from bot.render.drivers import named

SNOOZE_OVER = "The snooze has ended, and this is still going on."


def finding_name(finding: Finding) -> str:
    """What a finding is about: the budget, or the anomaly's key."""
    return finding.name or named(finding.key)


def finding_sentence(finding: Finding) -> str:
    """What is the matter, with what it comes to a month."""
    if finding.watched == "budgets":
        return f"Budget {finding.note}."
    amount = render.money(finding.amount, finding.currency)
    usual = render.money(finding.usual, finding.currency)
    days = f"since {_weekday(finding.start)}" if finding.ongoing else _days(finding.period)
    month = finding.per_month if finding.per_month is not None else finding.change * 30
    impact = f"{render.money(abs(month), finding.currency)} {'more' if month > 0 else 'less'} a month if it continues"
    name = finding_name(finding)
    kinds = {
        "new": f"{name}: new, {amount} a day {days}",
        "drop": f"{name}: dropped to {amount if finding.amount else 'zero'} from {usual} a day {days}",
    }
    sentence = kinds.get(finding.kind, f"{name}: {amount} a day {days}, usually {usual}")
    return f"{sentence}. That is {impact}." if finding.ongoing else f"{sentence}."


def _weekday(day: date) -> str:
    return f"{day:%a} {render.day(day)}"


def _days(period: Period) -> str:
    return f"on {_weekday(period.start)}" if period.days == 1 else render.period(period, year=False)


def rule_words(rule: AlertRule) -> str:
    """What a rule watches from which size on, when it is quiet, and how much it says a day."""
    sizes = f"anomalies of at least {rule.min_amount:f} a day and {rule.min_percent:f}%"
    watched = {"budgets": "budgets", "anomalies": sizes}
    watches = [words for name, words in watched.items() if name in rule.watches] or ["nothing"]
    quiet = f"quiet {rule.quiet_from}–{rule.quiet_to} ({rule.timezone})" if rule.quiet_to else ""
    most = f"at most {rule.ceiling} alerts a day"
    return ", ".join(filter(None, (" and ".join(watches), quiet if rule.quiet_from else "", most)))
