"""Days, steps, filters and the values of dimensions as people call them, beside ``bot.domain.labels``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from bot.domain.answers.basis import AnswerBasis
from bot.domain.commitments import Action
from bot.domain.feed import PROVIDER_NAMES
from bot.domain.labels import CHARGES, KINDS, METRICS, dimension, sentence_case
from bot.domain.period import DAY, Grain, Period, add_months
from bot.domain.question import Filter, Question

__all__ = [
    "CHARGES",
    "KINDS",
    "METRICS",
    "RECOMMENDED",
    "brief",
    "day",
    "dimension",
    "label",
    "listed",
    "period",
    "sentence_case",
    "source",
    "step",
    "value",
]
_BRIEF = {
    "Amazon Elastic Compute Cloud - Compute": "EC2 - Compute",
    "Amazon Relational Database Service": "Amazon RDS",
    "Amazon Simple Storage Service": "Amazon S3",
    "Amazon Elastic Container Service": "Amazon ECS",
    "Amazon Elastic Container Service for Kubernetes": "Amazon EKS",
    "Amazon EC2 Container Registry (ECR)": "Amazon ECR",
    "Amazon Elastic Load Balancing": "Load Balancing",
    "Amazon Elastic File System": "Amazon EFS",
    "Amazon Elastic MapReduce": "Amazon EMR",
    "Amazon Virtual Private Cloud": "Amazon VPC",
    "Amazon Simple Queue Service": "Amazon SQS",
    "Amazon Simple Notification Service": "Amazon SNS",
    "Amazon Simple Email Service": "Amazon SES",
    "AWS Key Management Service": "AWS KMS",
    "Savings Plans for AWS Compute usage": "Compute Savings Plan",
}
"""What everybody calls the services whose names in the bill are long."""


def day(value: date, *, year: bool = False) -> str:
    """``3 Nov``, with the year where asked for."""
    return f"{value.day} {value:%b %Y}" if year else f"{value.day} {value:%b}"


def period(value: Period, *, year: bool = True) -> str:
    """The days it covers, both ends included: ``1–22 Nov 2026``, ``October 2026``, ``Q3 2026``, ``2025``."""
    start, last = value.start, value.last
    if whole := _calendar(value, year=year):
        return whole
    suffix = f" {last.year}" if year else ""
    if start == last:
        return f"{day(start)}{suffix}"
    if (start.year, start.month) == (last.year, last.month):
        return f"{start.day}–{day(last)}{suffix}"
    return f"{day(start, year=start.year != last.year)}–{day(last)}{suffix}"


def _calendar(value: Period, *, year: bool) -> str:
    start = value.start
    if start.day != 1:
        return ""
    suffix = f" {start.year}" if year else ""
    if value.end == add_months(start, 1):
        return f"{start:%B}{suffix}"
    if start.month % 3 == 1 and value.end == add_months(start, 3):
        return f"Q{start.month // 3 + 1}{suffix}"
    if start.month == 1 and value.end == add_months(start, 12):
        return str(start.year)
    return ""


def step(start: date, grain: Grain, end: date | None = None) -> str:
    """One step of a series: ``3 Nov``, ``2–8 Nov``, ``Oct 2026``, ``Q3 2026``; one cut short by its days."""
    if end and grain in {"month", "quarter"} and start < end < add_months(start, 1 if grain == "month" else 3):
        return period(Period(start=start, end=end))
    match grain:
        case "week":
            last = min(start + timedelta(days=6 - start.weekday()), (end or date.max) - DAY)
            return period(Period(start=start, end=last + DAY), year=False) if last > start else day(start)
        case "month":
            return f"{start:%b %Y}"
        case "quarter":
            return f"Q{(start.month - 1) // 3 + 1} {start.year}"
    return day(start)


RECOMMENDED: Mapping[Action, str] = {
    "idle": "idle resources",
    "rightsizing": "rightsizing",
    "commitment": "commitment purchases",
    "upgrade": "upgrades",
    "other": "other",
}
"""What recommendations of a kind are called."""


def value(text: str | None, name: str) -> str:
    """A value of a dimension; ``""`` is ``(no team)``, None is what was cut off."""
    if text is None:
        return "Other"
    if name == "x_TokenType":
        text = text.replace("_", " ")
    return text or f"(no {dimension(name)})"


def brief(label: str) -> str:
    """A line's values in few letters: what everybody calls a service, the last part of a resource's name."""
    return " · ".join(map(_brief, label.split(" · ")))


def _brief(name: str) -> str:
    if name.startswith(("//", "arn:")):
        return name.rstrip("/").rpartition("/" if "/" in name else ":")[2]
    return _BRIEF.get(name, name)


def source(name: str) -> str:
    """A source as people call it: its provider where it is named so, else its own name."""
    return PROVIDER_NAMES.get(name, name)


def listed(words: Sequence[str], *, most: int = 4, last: str = "and") -> str:
    """``a, b and c``, cut off after ``most`` with how many more there are."""
    if len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1} more"]
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def label(key: Mapping[str, str | None]) -> str:
    """A line's values in words: ``Amazon S3 · us-east-1``; ``Total`` for none."""
    return " · ".join(value(text, name) for name, text in key.items()) or "Total"


_PLACES = frozenset({"SubAccountName", "BillingAccountName", "RegionId"})


def subject(question: Question) -> str:
    """What the question is about: ``on AWS in production, without Tax``; ``""`` for everything."""
    return subject_of(question.where)


def subject_of(filters: Sequence[Filter]) -> str:
    """What filters leave: ``on AWS in production, without Tax``; ``""`` for none."""
    within = [_filter(filter_) for filter_ in filters if not filter_.exclude]
    without = [_filter(filter_) for filter_ in filters if filter_.exclude]
    return ", ".join(filter(None, (" ".join(within), " ".join(without))))


def _filter(filter_: Filter) -> str:
    name = dimension(filter_.dimension)
    if filter_.values == ("",):
        return f"with any {name}" if filter_.exclude else f"without any {name}"
    values = listed(
        [value(one, filter_.dimension) for one in filter_.values], most=3, last="or" if filter_.exclude else "and"
    )
    if filter_.exclude:
        return f"without {values}"
    if filter_.dimension.startswith("Tags/"):
        return f"for {name} {values}"
    return f"{'in' if filter_.dimension in _PLACES else 'on'} {values}"


def about(question: Question, nothing: str = "in total") -> str:
    """Subject and days: ``on AWS, October 2026``; ``nothing`` stands for no subject."""
    what, days = subject(question) or nothing, period(question.period) if question.period else ""
    return ", ".join(filter(None, (what, days))) if what else f"for {days}" if days else "at all"


def data_through(answer: AnswerBasis) -> list[str]:
    """Through which day the sources have data, those of one day together."""
    by_day: dict[date | None, list[str]] = {}
    for fresh in answer.as_of:
        by_day.setdefault(fresh.data_through, []).append(source(fresh.source))
    return [
        f"{listed(sources, most=6)} {f'through {day(last)}' if last else '(no data yet)'}"
        for last, sources in by_day.items()
    ]
