"""What doctor tries of one AWS payer: its credentials, then each action that its settings call for."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from bot.domain.errors import CostError, Unavailable, UnexpectedReply
from bot.domain.period import DAY, Period, add_months, month_of
from bot.providers import Check
from bot.providers.aws import commitments, export, groupings
from bot.providers.aws.client import AwsClient
from bot.providers.aws.cost_explorer import Explorer
from bot.providers.aws.insights import ASKS, OF_VIEWS, Ask
from bot.providers.aws.invoices import invoices
from bot.providers.aws.policy import REPORTS, hub, listed
from bot.providers.aws.recommendations import recommendations
from bot.providers.aws.settings import AwsSettings

MONTHS = 13
_Attempt = Callable[[], str]
_OWN = {"budget": "budgets", "credit": "credits", "anomaly": "anomalies"}
"""What AWS has several of, as doctor names it."""


def lately(today: date) -> Mapping[str, object]:
    """All days that AWS keeps, as it wants them told."""
    start = add_months(today.replace(day=1), -MONTHS)
    return {"TimePeriod": {"Start": str(start), "End": str(today + DAY)}}


def checks(settings: AwsSettings, source: str, wire: AwsClient, today: date) -> Iterator[Check]:
    """Everything that the settings call for, tried for real."""
    for what, attempt in _attempts(settings, wire, today):
        try:
            yield Check(f"{what} ({source})", ok=True, message=attempt())
        except CostError as error:
            yield Check(f"{what} ({source})", ok=False, message=error.message, hint=error.hint)


def _attempts(settings: AwsSettings, wire: AwsClient, today: date) -> Iterator[tuple[str, _Attempt]]:
    yield "AWS credentials", lambda: f"Signed in as {wire.identity()['Arn']}."
    if settings.data_export:
        yield "AWS data export", lambda: _exported(settings, wire)
    if not settings.cost_explorer:
        return
    feeds = listed(settings.feeds)
    yield "AWS Cost Explorer", lambda: _costs(wire, today)
    if "tags" in feeds:
        keys = [key for key in listed(settings.tag_keys) if key != "*"]
        yield "AWS cost allocation tags", partial(_tags, wire, today, keys)
    if names := listed(settings.cost_categories):
        yield "AWS cost categories", partial(_categories, wire, today, names)
    if any(word in feeds for word in groupings.ATTRIBUTED):
        yield "AWS models", partial(_models, wire, today)
    yield from _beside(settings, wire, today)


def _beside(settings: AwsSettings, wire: AwsClient, today: date) -> Iterator[tuple[str, _Attempt]]:
    """What is asked beside the bill: of a billing view its forecast alone."""
    for kind, ask in ASKS.items():
        if settings.asks_for_all or kind in OF_VIEWS:
            yield f"AWS's own {_OWN.get(kind, kind)}", partial(_advised, ask, wire, today)
    if not settings.asks_for_all:
        return
    for operation in REPORTS:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", operation.removeprefix("Get")).lower()
        yield f"AWS's {words}", partial(commitments.probe, wire, today, operation)
    if hub(settings.region):
        yield "AWS's recommendations", lambda: f"{len(recommendations(wire).recommendations)} can be read."
    yield "AWS's invoices", lambda: _invoiced(wire, month_of(add_months(today.replace(day=1), -1)))


def _costs(wire: AwsClient, today: date) -> str:
    days = Period(start=today - DAY, end=today)
    rows = list(Explorer(wire).rows((groupings.dimension("RECORD_TYPE"),), groupings.COSTS[:1], days, None))
    found = "there are charges" if rows else "there are no charges yet"
    return f"Costs can be read; for {days.start} {found}."


def _invoiced(wire: AwsClient, month: Period) -> str:
    """Tried on the month before this one."""
    return f"{len(invoices(wire, month))} of {month.start:%B %Y} can be read."


def _exported(settings: AwsSettings, wire: AwsClient) -> str:
    delivered = export.Export(settings.data_export, wire)
    months = delivered.manifests()
    if not months:
        raise Unavailable(
            f"{settings.data_export} has no manifest yet.",
            "Check bucket, prefix and name; the first delivery takes up to a day.",
        )
    return f"{len(months)} months are available, {min(months):%Y-%m} to {max(months):%Y-%m}."


def _tags(wire: AwsClient, today: date, wanted: Sequence[str]) -> str:
    found = {key for page in wire.pages("GetTags", lately(today)) for key in page.get("Tags", [])}
    return _known(found, wanted, "cost allocation tags", "AWS_TAG_KEYS")


def _categories(wire: AwsClient, today: date, wanted: Sequence[str]) -> str:
    pages = wire.pages("GetCostCategories", lately(today))
    found = {name for page in pages for name in page.get("CostCategoryNames", [])}
    return _known(found, wanted, "cost categories", "AWS_COST_CATEGORIES")


def _known(found: Collection[str], wanted: Sequence[str], what: str, variable: str) -> str:
    missing = [name for name in wanted if name not in found]
    if missing:
        raise UnexpectedReply(
            f"AWS has no {what} named {', '.join(missing)}.",
            f"Activate it under Billing, or correct {variable}. Available: {', '.join(sorted(found))}.",
        )
    return f"AWS has {len(found)} to break costs down by."


def _models(wire: AwsClient, today: date) -> str:
    params = {**lately(today), "Dimension": "SERVICE", "SearchString": "Bedrock"}
    found = wire.call("ce", "GetDimensionValues", params).get("DimensionValues")
    return "Bedrock can be broken down by model." if found else "No service is billed by model."


def _advised(ask: Ask, wire: AwsClient, today: date) -> str:
    try:
        return f"{len(list(ask(wire, today)))} can be read."
    except Unavailable:
        return "There are none yet."  # a forecast needs some history
