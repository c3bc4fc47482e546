"""Tables of what is not a sum: drivers, forecasts, anomalies, budgets, values, prices, freshness.

They arrive as plain mappings; a key that is absent leaves its cell empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bot import wording
from bot.costs.answer import Answer
from bot.costs.period import DAY, Period
from bot.costs.question import Question
from bot.slack.drawing import Block, cut, number_cell, text_cell
from bot.slack.tables import MOST_ROWS, Rows, cell, header

_Found = Mapping[str, Any]
_TEXT = 120
_WHY = {
    "new": "New",
    "vanished": "Gone",
    "moved": "Changed",
    "volume": "Quantity used",
    "price": "Price or mix",
    "credit": "Credits",
    "purchase": "Purchases",
    "other": "All else",
}


_ODD = {
    "spike": "Spike",
    "dip": "Dip",
    "shift": "New level",
    "drop": "Dropped to nothing",
    "new": "New",
}
_SAVED = {
    "negotiated": "Negotiated rates",
    "commitments": "Commitments",
    "unused": "Commitments nobody used",
    "discounts": "Discounts",
    "credits": "Credits",
    "refunds": "Refunds",
    "total": "Total",
}
_INVOICED = ("invoice", "charged", "difference")
_FORECAST = {
    "So far": ("actual", "to_date"),
    "Still to come": ("rest",),
    "Expected": ("total", "amount"),
    "At least": ("low",),
    "At most": ("high",),
    "Budget": ("budget",),
}


def table(question: Question, answer: Answer) -> tuple[str, Rows]:
    """The caption and rows for the question's kind; no rows where there is nothing to tell."""
    drawn = _TABLES.get(question.kind)
    if drawn is None:
        return "", []
    caption, rows = drawn(question, answer)
    return caption, rows if len(rows) > 1 else []


def money_cell(found: _Found, key: str, *, signed: bool = False) -> Block:
    """An amount of the mapping in its currency, or an empty cell."""
    amount = wording.amount_of(found, key)
    if amount is None:
        return text_cell("–")
    return number_cell(float(amount), wording.money_of(found, key, signed=signed))


def days(found: _Found) -> str:
    """The days from its ``start`` up to its ``end`` in words."""
    start, end = _date(found.get("start")), _date(found.get("end"))
    if not start:
        return ""
    if not end or end <= start:
        return wording.day(start)
    return wording.period(Period(start=start, end=end), year=False)


def _date(text: object) -> date | None:
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _name(found: _Found) -> str:
    key = found.get("key")
    told = found.get("label") or found.get("name") or (wording.label(key) if isinstance(key, Mapping) else key)
    return cut(str(told or "Total"), _TEXT)


def _drivers(question: Question, answer: Answer) -> tuple[str, Rows]:
    now = wording.period(question.period, year=False) if question.period else "Now"
    before = wording.period(question.against, year=False) if question.against else "Before"
    if now == before and question.period and question.against:
        now, before = wording.period(question.period), wording.period(question.against)
    found = answer.drivers[:MOST_ROWS]
    figures = _shown(found)
    rows = [header("Driver", "Change", before, now, "What happened")]
    rows += [
        [text_cell(_name(each)), *cells, text_cell(cut(_happened(each), _TEXT))]
        for each, cells in zip(found, figures, strict=True)
    ]
    names = [name for name in answer.drivers[0].get("key") or () if not name.startswith("Charge")] if found else []
    return ", by ".join(filter(None, ("What moved", " and ".join(map(wording.dimension, names))))), rows


def _happened(driver: _Found) -> str:
    kind, note = str(driver.get("kind") or ""), str(driver.get("note") or "")
    if kind in {"credit", "purchase"} or (kind == "other" and not note[:1].isdigit()):
        kind, note = note or _WHY.get(kind, kind), ""
    told = ", ".join(filter(None, (note, _turned(driver))))
    return ": ".join(filter(None, (_WHY.get(kind) or kind[:1].upper() + kind[1:], told)))


def _turned(driver: _Found) -> str:
    """The days on which it was otherwise than before, where it was a stretch of them."""
    since, until = _date(driver.get("since")), _date(driver.get("until"))
    if since and until:
        told = days({"start": since, "end": until})
        return f"on {told}" if until - since == DAY else told
    if until:
        return f"until {wording.day(until - DAY)}"
    return f"since {wording.day(since)}" if since else ""


def _shown(drivers: Sequence[_Found]) -> list[list[Block]]:
    """Change, before and now of each driver, rounded alike so that columns and rows add up as shown."""
    exact = [[wording.amount_of(each, key) for key in ("change", "against", "amount")] for each in drivers]
    currencies = {str(each.get("currency") or "USD") for each in drivers}
    if len(currencies) != 1 or any(one is None for row in exact for one in row):
        return [
            [money_cell(each, "change", signed=True), money_cell(each, "against"), money_cell(each, "amount")]
            for each in drivers
        ]
    measure = (currencies.pop(), None)
    columns = [[one or Decimal(0) for one in column] for column in zip(*exact, strict=True)]
    places = wording.places(max(abs(one) for column in columns for one in column), measure[0])
    change, before = (wording.apportioned(column, places) for column in columns[:2])
    return [
        [
            cell(moved, measure, true[0], places, signed=True),
            cell(early, measure, true[1], places),
            cell(early + moved, measure, true[2], places),
        ]
        for moved, early, true in zip(change, before, zip(*columns, strict=True), strict=True)
    ]


def _forecast(question: Question, answer: Answer) -> tuple[str, Rows]:
    found = answer.forecast or {}
    if found.get("parts"):
        return _parts(question, found["parts"])
    rows = [header("Forecast", "Amount")]
    amounts = _added(found)
    for name, keys in _FORECAST.items():
        told = next((key for key in keys if wording.amount_of(found, key) is not None), None)
        if told:
            rows.append([text_cell(name), amounts.get(told) or money_cell(found, told)])
    return "Forecast", rows


def _added(found: _Found) -> dict[str, Block]:
    """What is billed and what is to come, rounded so that they add up to what is expected."""
    keys = ("actual", "rest", "total")
    actual, rest, whole = (wording.amount_of(found, key) for key in keys)
    currency = str(found.get("currency") or "USD")
    if actual is None or rest is None or whole is None or actual + rest != whole:
        return {}
    places = wording.places(whole, currency)
    parts = wording.apportioned([actual, rest], places)
    shown = zip(keys, (*parts, parts[0] + parts[1]), (actual, rest, whole), strict=True)
    return {key: cell(amount, (currency, None), exact, places) for key, amount, exact in shown}


def _parts(question: Question, parts: Sequence[_Found]) -> tuple[str, Rows]:
    name = wording.dimension(question.by[0]) if question.by else "part"
    rows = [header(name[:1].upper() + name[1:], "So far", "Expected", "At least", "At most")]
    keys = ("actual", "total", "low", "high")
    rows += [[text_cell(_name(each)), *(money_cell(each, key) for key in keys)] for each in parts[:MOST_ROWS]]
    return f"Forecast by {name}", rows


def _anomalies(_question: Question, answer: Answer) -> tuple[str, Rows]:
    rows = [header("What", "When", "A day", "Usually", "Came to", "If it stays, a month", "What happened")]
    rows += [
        [
            text_cell(_name(each)),
            text_cell(_when(each)),
            money_cell(each, "amount"),
            money_cell(each, "expected" if "expected" in each else "usual"),
            money_cell(each, "total"),
            money_cell(each, "per_month", signed=True) if each.get("ongoing", True) else text_cell("–"),
            text_cell(cut(_odd(each), _TEXT)),
        ]
        for each in answer.anomalies[:MOST_ROWS]
    ]
    return "Unusual costs", rows


def _when(found: _Found) -> str:
    start = _date(found.get("start"))
    if found.get("ongoing") and start:
        return f"since {wording.day(start)}"
    return days(found)


def _odd(found: _Found) -> str:
    kind = str(found.get("kind") or "")
    told = _ODD.get(kind, kind.capitalize())
    return f"{told}, provisional" if found.get("provisional") else told


def _budgets(_question: Question, answer: Answer) -> tuple[str, Rows]:
    rows = [header("Budget", "Used", "Spent", "Limit", "Expected", "Runs out", "State")]
    for each in answer.budgets[:MOST_ROWS]:
        share, out = wording.amount_of(each, "share"), _date(each.get("runs_out"))
        used = text_cell("–") if share is None else number_cell(float(share), _percentage(share))
        missing = f", without {wording.listed([str(one) for one in each['missing']])}" if each.get("missing") else ""
        rows.append(
            [
                text_cell(_name(each)),
                used,
                *(money_cell(each, key) for key in ("spent", "limit", "forecast")),
                text_cell(wording.day(out) if out else "–"),
                text_cell(cut(f"{each.get('state') or '–'}{missing}", _TEXT)),
            ]
        )
    return "Budgets", rows


def _savings(_question: Question, answer: Answer) -> tuple[str, Rows]:
    """What each way of saving came to, a column a currency."""
    found = [each for each in answer.values if "currency" in each and "total" in each]
    rows = [header("Saved by", *(str(each["currency"]) for each in found))]
    for key, name in _SAVED.items():
        if any(wording.amount_of(each, key) is not None for each in found):
            rows.append([text_cell(name), *(money_cell(each, key) for each in found)])
    for key, name in (("coverage", "Usage covered"), ("utilisation", "Commitments used")):
        shares = [wording.amount_of(each, key) for each in found]
        if any(share is not None for share in shares):
            rows.append([text_cell(name), *(text_cell("–" if one is None else _percentage(one)) for one in shares)])
    return "Savings", rows if found else []


def _credits(_question: Question, answer: Answer) -> tuple[str, Rows]:
    """The grants where any are known, else what was used, by name."""
    if answer.values:
        rows = [header("Credit", "Source", "Granted", "Left", "Expires", "Used up about", "Expires unused, about")]
        rows += [
            [
                text_cell(cut(_granted(each), _TEXT)),
                text_cell(wording.source(str(each.get("source") or ""))),
                *(money_cell(each, key) for key in ("granted", "left")),
                *(
                    text_cell(wording.day(day, year=True) if (day := _date(each.get(key))) else "–")
                    for key in ("expires", "used_up")
                ),
                money_cell(each, "lost") if wording.amount_of(each, "lost") else text_cell("–"),
            ]
            for each in answer.values[:MOST_ROWS]
        ]
        return "Credits left", rows
    rows = [header("Credit used", "Provider", "Amount")]
    for line in answer.lines[:MOST_ROWS]:
        provider, name = line.key.values()
        amount = number_cell(float(-line.amount), wording.money(-line.amount, line.currency or "USD"))
        rows.append([text_cell(cut(name or "(no name)", _TEXT)), text_cell(provider or ""), amount])
    return "Credits used", rows


def _invoices(_question: Question, answer: Answer) -> tuple[str, Rows]:
    """Each month's invoice beside its charges, to the cent."""
    rows = [header("Month", "Source", "Invoice", "Charges", "Difference", "Invoice numbers")]
    for each in answer.values[:MOST_ROWS]:
        currency, start = str(each.get("currency") or "USD"), _date((each.get("period") or {}).get("start"))
        invoice, charged, apart = (wording.amount_of(each, key) or Decimal(0) for key in _INVOICED)
        amounts = (invoice, charged, Decimal(0) if each.get("agrees") else apart)
        rows.append(
            [
                text_cell(f"{start:%b %Y}" if start else "–"),
                text_cell(wording.source(str(each.get("source") or ""))),
                *(number_cell(float(amount), wording.to_the_cent(amount, currency)) for amount in amounts),
                text_cell(cut(", ".join(map(str, each.get("invoices") or ())), _TEXT)),
            ]
        )
    return "Invoices and charges", rows


def _granted(found: _Found) -> str:
    told = "by you" if found.get("told_by") == "you" else ""
    only = f"for {found['only']}" if found.get("only") else ""
    about = ", ".join(filter(None, (only, f"told {told}" if told else "")))
    return " ".join(filter(None, (str(found.get("name") or "Credits"), f"({about})" if about else "")))


def _percentage(share: Decimal) -> str:
    return f"{wording.rounded(share * 100, 0):f}%"


def _values(question: Question, answer: Answer) -> tuple[str, Rows]:
    name = question.by[0] if question.by else "ServiceName"
    priced = any(wording.amount_of(each, "amount") is not None for each in answer.values)
    title = wording.dimension(name)
    rows = [header(title[:1].upper() + title[1:], *["Cost"] * priced)]
    for each in answer.values[:MOST_ROWS]:
        told = wording.value(str(each.get("value", each.get("name", ""))), name)
        rows.append([text_cell(cut(told, _TEXT)), *[money_cell(each, "amount")] * priced])
    return wording.dimension(name, plural=True).capitalize(), rows


def _price(question: Question, answer: Answer) -> tuple[str, Rows]:
    if question.quantities:
        return _quotes(answer)
    rows = [header("What", "Price", "Per", "Is", "Source")]
    rows += [
        [
            text_cell(cut(_what(each), _TEXT)),
            number_cell(float(wording.amount_of(each, "amount") or 0), wording.price(each)),
            text_cell(wording.per(each)),
            text_cell(_PRICED.get(str(each.get("kind")), "List price")),
            text_cell(cut(_source(each), _TEXT)),
        ]
        for each in answer.values[:MOST_ROWS]
    ]
    return "Prices", rows


def _quotes(answer: Answer) -> tuple[str, Rows]:
    """What so much comes to at each price."""
    rows = [header("What", "So much", "Comes to", "At", "Is", "Source")]
    rows += [
        [
            text_cell(cut(_what(each), _TEXT)),
            text_cell(wording.quantity(wording.amount_of(each, "quantity") or Decimal(0), str(each["unit"]))),
            number_cell(float(wording.amount_of(each, "total") or 0), wording.total_of(each)),
            text_cell(f"{wording.price(each)} per {wording.per(each)}"),
            text_cell(_PRICED.get(str(each.get("kind")), "List price")),
            text_cell(cut(_source(each), _TEXT)),
        ]
        for each in answer.values[:MOST_ROWS]
    ]
    return "What it would cost", rows


_PRICED = {"paid": "Paid by us", "list": "List price"}


def _what(price: _Found) -> str:
    what = price.get("what")
    return wording.label(what).replace("_", " ") if isinstance(what, Mapping) else str(price.get("value", ""))


def _source(price: _Found) -> str:
    """Whose price it is, of which days, and what is to be said of it."""
    since, as_of = _date(price.get("since")), _date(price.get("as_of"))
    day = wording.day(as_of, year=True) if as_of else ""
    if since and as_of and since < as_of:
        day = wording.period(Period(start=since, end=as_of + DAY))
    told = ", ".join(filter(None, (str(price.get("source") or ""), day)))
    return "; ".join(filter(None, (told, str(price.get("note") or ""))))


def _freshness(_question: Question, answer: Answer) -> tuple[str, Rows]:
    rows = [header("Source", "Last read (UTC)", "Data through", "Final through")]
    for each in answer.as_of:
        told = [wording.day(one, year=True) if one else "–" for one in (each.data_through, each.final_through)]
        rows.append(
            [text_cell(wording.source(each.source)), text_cell(f"{each.synced:%d %b %H:%M}"), *map(text_cell, told)]
        )
    return "Sources", rows


_TABLES: Mapping[str, Callable[[Question, Answer], tuple[str, Rows]]] = {
    "explain": _drivers,
    "forecast": _forecast,
    "anomalies": _anomalies,
    "budgets": _budgets,
    "values": _values,
    "price": _price,
    "savings": _savings,
    "credits": _credits,
    "invoice": _invoices,
    "freshness": _freshness,
}


def beyond(found: Sequence[object]) -> str:
    """How many more there are than a table shows."""
    return f"{len(found) - MOST_ROWS} more are in the CSV." if len(found) > MOST_ROWS else ""
