"""Tables of what is not a sum: drivers, forecasts, anomalies, budgets, values, prices, freshness.

They arrive as plain mappings; a key that is absent leaves its cell empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from bot import render
from bot.blockkit.build import Block, cut, number_cell, text_cell
from bot.domain.answer import Answer
from bot.domain.money import total
from bot.domain.period import DAY, Period
from bot.domain.question import Question
from bot.render.slack import driver_table
from bot.render.slack.cells import MOST_TEXT, Found, column, date_of, days, money_cell, name_of
from bot.render.slack.tables import MOST_ROWS, Rows, cell, header

_ODD = {"spike": "Spike", "dip": "Dip", "drop": "Nothing", "new": "New"}
_NEED_NOT_ADD = "Each row is forecast on its own, so that they need not add up to the total."
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
_BAND = ("Expected", "At least", "At most")


def table(question: Question, answer: Answer) -> tuple[str, Rows]:
    """The caption and rows for the question's kind; no rows where there is nothing to tell."""
    drawn = _TABLES.get(question.kind)
    if drawn is None:
        return "", []
    caption, rows = drawn(question, answer)
    return caption, rows if len(rows) > 1 else []


def _forecast(question: Question, answer: Answer) -> tuple[str, Rows]:
    found = answer.forecast or {}
    if found.get("parts"):
        return _parts(question, found)
    rows = [header("Forecast", "Amount")]
    if render.over(question, answer):
        return "Forecast", rows
    amounts, left_out = _added(found), () if render.begun(question, answer) else ("So far", "Still to come")
    for name, keys in _FORECAST.items():
        if name in left_out:
            continue
        told = next((key for key in keys if render.amount_of(found, key) is not None), None)
        if told:
            rows.append([text_cell(name), amounts.get(told) or money_cell(found, told)])
    return "Forecast", rows


def _added(found: Found) -> dict[str, Block]:
    """What is billed and what is to come, rounded so that they add up to what is expected."""
    keys = ("actual", "rest", "total")
    actual, rest, whole = (render.amount_of(found, key) for key in keys)
    currency = str(found.get("currency") or "USD")
    if actual is None or rest is None or whole is None or actual + rest != whole:
        return {}
    places = render.places(whole, currency)
    parts = render.apportioned([actual, rest], places)
    shown = zip(keys, (*parts, parts[0] + parts[1]), (actual, rest, whole), strict=True)
    return {key: cell(amount, (currency, None), exact, places) for key, amount, exact in shown}


def _parts(question: Question, found: Found) -> tuple[str, Rows]:
    """A row a part, then what is left of what is billed so far, then the whole."""
    name = render.dimension(question.by[0]) if question.by else "part"
    parts: list[Found] = list(found["parts"])[:MOST_ROWS]
    currency = found.get("currency")
    told = [render.amount_of(each, "actual") or Decimal(0) for each in parts if each.get("currency") == currency]
    rest = total([render.amount_of(found, "actual") or Decimal(0), -total(told)])
    rows = [*parts, *([{"label": "Other", "currency": currency, "actual": rest}] if rest else [])]
    rows.append({**found, "label": "Total"})
    columns = [column(rows, key) for key in ("actual", "total", "low", "high")]
    drawn = [[text_cell(name_of(each)), *cells] for each, *cells in zip(rows, *columns, strict=True)]
    return f"Forecast by {name}", [header(name[:1].upper() + name[1:], "So far", *_BAND), *drawn]


def _anomalies(_question: Question, answer: Answer) -> tuple[str, Rows]:
    found = [
        {**each, "a month": each.get("per_month") if each.get("ongoing", True) else None}
        for each in answer.anomalies[:MOST_ROWS]
    ]
    usual = "expected" if any("expected" in each for each in found) else "usual"
    columns = [column(found, key) for key in ("amount", usual)]
    columns += [column(found, key, signed=True) for key in ("total", "a month")]
    rows = [header("What", "What happened", "A day", "Usually", "So far", "A month")]
    rows += [
        [text_cell(name_of(each)), text_cell(cut(_odd(each), MOST_TEXT)), *cells]
        for each, *cells in zip(found, *columns, strict=True)
    ]
    return "Unusual costs", rows


def _odd(found: Found) -> str:
    """``Higher since 9 Nov``, ``Lower 17–19 Nov``, ``New since 20 Oct``."""
    kind, start = str(found.get("kind") or ""), date_of(found.get("start"))
    when = f"since {render.day(start)}" if found.get("ongoing") and start else days(found)
    up = (render.amount_of(found, "change") or Decimal(0)) > 0
    return " ".join(filter(None, (_ODD.get(kind) or ("Higher" if up else "Lower"), when)))


def _budgets(_question: Question, answer: Answer) -> tuple[str, Rows]:
    rows = [header("Budget", "Used", "Spent", "Limit", "Expected", "Runs out", "State")]
    for each in answer.budgets[:MOST_ROWS]:
        share, out = render.amount_of(each, "share"), date_of(each.get("runs_out"))
        used = text_cell("–") if share is None else number_cell(float(share), _percentage(share))
        missing = f", without {render.listed([str(one) for one in each['missing']])}" if each.get("missing") else ""
        rows.append(
            [
                text_cell(name_of(each)),
                used,
                *(money_cell(each, key) for key in ("spent", "limit", "forecast")),
                text_cell(render.day(out) if out else "–"),
                text_cell(cut(f"{each.get('state') or '–'}{missing}", MOST_TEXT)),
            ]
        )
    return "Budgets", rows


def _savings(_question: Question, answer: Answer) -> tuple[str, Rows]:
    """What each way of saving came to, a column a currency."""
    found = [each for each in answer.values if "currency" in each and "total" in each]
    rows = [header("Saved by", *(str(each["currency"]) for each in found))]
    columns = [_saved(each) for each in found]
    for key, name in _SAVED.items():
        if any(key in each for each in columns):
            rows.append([text_cell(name), *(each.get(key, text_cell("")) for each in columns)])
    for key, name in (("coverage", "Usage covered"), ("utilisation", "Commitments used")):
        shares = [render.amount_of(each, key) for each in found]
        if any(share is not None for share in shares):
            rows.append([text_cell(name), *(text_cell("–" if one is None else _percentage(one)) for one in shares)])
    return "Savings", rows if found else []


def _credits(_question: Question, answer: Answer) -> tuple[str, Rows]:
    """The grants where any are known, else what was used, by name."""
    if answer.values:
        rows = [header("Credit", "Source", "Granted", "Left", "Expires", "Used up about", "Expires unused, about")]
        rows += [
            [
                text_cell(cut(_granted(each), MOST_TEXT)),
                text_cell(render.source(str(each.get("source") or ""))),
                *(money_cell(each, key) for key in ("granted", "left")),
                *(
                    text_cell(render.day(day, year=True) if (day := date_of(each.get(key))) else "–")
                    for key in ("expires", "used_up")
                ),
                money_cell(each, "lost") if render.amount_of(each, "lost") else text_cell("–"),
            ]
            for each in answer.values[:MOST_ROWS]
        ]
        return "Credits left", rows
    rows = [header("Credit used", "Provider", "Amount")]
    for line in answer.lines[:MOST_ROWS]:
        provider, name = line.key.values()
        amount = number_cell(float(-line.amount), render.money(-line.amount, line.currency or "USD"))
        rows.append([text_cell(cut(name or "(no name)", MOST_TEXT)), text_cell(provider or ""), amount])
    return "Credits used", rows


def _invoices(_question: Question, answer: Answer) -> tuple[str, Rows]:
    """Each month's invoice beside its charges, to the cent."""
    rows = [header("Month", "Source", "Invoice", "Charges", "Difference", "Invoice numbers")]
    for each in answer.values[:MOST_ROWS]:
        currency, start = str(each.get("currency") or "USD"), date_of((each.get("period") or {}).get("start"))
        invoice, charged, apart = (render.amount_of(each, key) or Decimal(0) for key in _INVOICED)
        amounts = (invoice, charged, Decimal(0) if each.get("agrees") else apart)
        rows.append(
            [
                text_cell(f"{start:%b %Y}" if start else "–"),
                text_cell(render.source(str(each.get("source") or ""))),
                *(number_cell(float(amount), render.to_the_cent(amount, currency)) for amount in amounts),
                text_cell(cut(", ".join(map(str, each.get("invoices") or ())), MOST_TEXT)),
            ]
        )
    return "Invoices and charges", rows


def _granted(found: Found) -> str:
    told = "by you" if found.get("told_by") == "you" else ""
    only = f"for {found['only']}" if found.get("only") else ""
    about = ", ".join(filter(None, (only, f"told {told}" if told else "")))
    return " ".join(filter(None, (str(found.get("name") or "Credits"), f"({about})" if about else "")))


def _saved(found: Found) -> dict[str, Block]:
    """The parts of one currency and their total, rounded so that they add up as shown."""
    exact = {key: amount for key in _SAVED if (amount := render.amount_of(found, key)) is not None}
    whole, parts = exact.get("total", Decimal(0)), {key: each for key, each in exact.items() if key != "total"}
    currency = str(found["currency"])
    places = render.places(max(map(abs, exact.values()), default=whole), currency)
    shown = dict(zip(parts, render.apportioned(list(parts.values()), places), strict=True))
    if total(list(parts.values())) != whole:
        shown = {key: render.rounded(each, places) for key, each in parts.items()}
    shown["total"] = render.rounded(whole, places)
    return {key: cell(shown[key], (currency, None), each, places) for key, each in exact.items()}


def _percentage(share: Decimal) -> str:
    return f"{render.rounded(share * 100, 0):f}%"


def _values(question: Question, answer: Answer) -> tuple[str, Rows]:
    name = question.by[0] if question.by else "ServiceName"
    priced = any(render.amount_of(each, "amount") is not None for each in answer.values)
    title = render.dimension(name)
    rows = [header(title[:1].upper() + title[1:], *["Cost"] * priced)]
    found = answer.values[:MOST_ROWS]
    for each, amount in zip(found, column(found, "amount"), strict=True):
        told = render.value(str(each.get("value", each.get("name", ""))), name)
        rows.append([text_cell(cut(told, MOST_TEXT)), *[amount] * priced])
    return render.dimension(name, plural=True).capitalize(), rows


def _price(question: Question, answer: Answer) -> tuple[str, Rows]:
    if question.quantities or question.usage is not None:
        return _quotes(answer)
    rows = [header("What", "Price", "Per", "Source")]
    rows += [
        [
            text_cell(cut(_what(each), MOST_TEXT)),
            number_cell(float(render.amount_of(each, "amount") or 0), render.price(each)),
            text_cell(render.per(each)),
            text_cell(cut(_source(each), MOST_TEXT)),
        ]
        for each in answer.values[:MOST_ROWS]
    ]
    return "Prices", rows


def _quotes(answer: Answer) -> tuple[str, Rows]:
    """What so much comes to at each price; how much stands above them where it is the same for all."""
    found = answer.values[:MOST_ROWS]
    much = [render.quantity(render.amount_of(each, "quantity") or Decimal(0), str(each["unit"])) for each in found]
    several = len(set(much)) > 1
    rows = [header("What", *["So much"] * several, "Comes to", "At", "Source")]
    for each, told in zip(found, much, strict=True):
        rows.append(
            [
                text_cell(cut(_what(each), MOST_TEXT)),
                *[text_cell(told)] * several,
                number_cell(float(render.amount_of(each, "total") or 0), render.total_of(each)),
                text_cell(f"{render.price(each)} per {render.per(each)}"),
                text_cell(cut(_source(each), MOST_TEXT)),
            ]
        )
    return f"What {much[0]} would cost" if much and not several else "What it would cost", rows


_PRICED = {"paid": "Paid by us", "list": "List price"}


def _what(price: Found) -> str:
    what = price.get("what")
    return render.label(what) if isinstance(what, Mapping) else str(price.get("value", ""))


def _source(price: Found) -> str:
    """Whose price it is, of which days, and what is to be said of it."""
    since, as_of = date_of(price.get("since")), date_of(price.get("as_of"))
    day = render.day(as_of, year=True) if as_of else ""
    if since and as_of and since < as_of:
        day = render.period(Period(start=since, end=as_of + DAY))
    whose = "" if price.get("kind") == "paid" else str(price.get("source") or "")
    told = ", ".join(filter(None, (_PRICED.get(str(price.get("kind")), "List price"), whose, day)))
    return "; ".join(filter(None, (told, str(price.get("note") or ""))))


def _freshness(_question: Question, answer: Answer) -> tuple[str, Rows]:
    rows = [header("Source", "Last read (UTC)", "Data through", "Final through")]
    for each in answer.as_of:
        told = [render.day(one, year=True) if one else "–" for one in (each.data_through, each.final_through)]
        rows.append(
            [text_cell(render.source(each.source)), text_cell(f"{each.synced:%d %b %H:%M}"), *map(text_cell, told)]
        )
    return "Sources", rows


_TABLES: Mapping[str, Callable[[Question, Answer], tuple[str, Rows]]] = {
    "explain": driver_table.table,
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


def apart(answer: Answer) -> str:
    """That a forecast's parts were made one by one."""
    return _NEED_NOT_ADD if (answer.forecast or {}).get("parts") else ""


def beyond(found: Sequence[object]) -> str:
    """How many more there are than a table shows."""
    return f"{len(found) - MOST_ROWS} more are in the CSV." if len(found) > MOST_ROWS else ""
