"""An answer in a sentence or two that can be read out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bot.domain.answer import Answer, Line, Total
from bot.domain.conversion import as_asked
from bot.domain.money import total
from bot.domain.period import Period
from bot.domain.question import Filter, Question
from bot.render import parts
from bot.render.labels import brief, day, dimension, label, listed, period, source, step, value
from bot.render.numbers import (
    amount_of,
    asked_for,
    change,
    figure,
    money,
    money_of,
    moved_by,
    per,
    price,
    rounded,
    total_of,
)
from bot.render.provenance import begun, elsewhere, gaps, others, over, surety, told_through
from bot.render.rounding import as_shown, changes_shown


def subject(question: Question) -> str:
    """What the question is about: ``on AWS in production, without Tax``; ``""`` for everything."""
    return subject_of(question.where)


def subject_of(filters: Sequence[Filter]) -> str:
    """What filters leave: ``on AWS in production, without Tax``; ``""`` for none."""
    within = [_filter(each) for each in filters if not each.exclude]
    without = [_filter(each) for each in filters if each.exclude]
    return ", ".join(filter(None, (" ".join(within), " ".join(without))))


def _filter(each: Filter) -> str:
    name = dimension(each.dimension)
    if each.values == ("",):
        return f"with any {name}" if each.exclude else f"without any {name}"
    values = listed([value(one, each.dimension) for one in each.values], most=3, last="or" if each.exclude else "and")
    if each.exclude:
        return f"without {values}"
    if each.dimension.startswith("Tags/"):
        return f"for {name} {values}"
    return f"{'in' if each.dimension in _PLACES else 'on'} {values}"


def headline(question: Question, answer: Answer) -> str:
    """The answer in a sentence or two that can be read out: number, subject, days, change.

    Zero is said only where the answer knows it to be zero; no data is said as no data.
    """
    return _HEADLINES.get(question.kind, _cost)(question, answer)


def _about(question: Question, nothing: str = "in total") -> str:
    what, days = subject(question) or nothing, period(question.period) if question.period else ""
    return ", ".join(filter(None, (what, days))) if what else f"for {days}" if days else "at all"


def _cost(question: Question, answer: Answer) -> str:
    told = parts.headline(question, as_asked(answer), subject_of, lambda simpler: _cost(simpler, _whole(answer)))
    if told is not None:
        return told
    if not answer.totals:
        return " ".join((f"No data {_about(question, '')}.", *gaps(answer.gaps, hints=False)[:1]))
    billed, answer = answer.totals, as_asked(answer)
    spent = listed([_amount(each, billed) for each in answer.totals], most=6)
    kind = {"credits": " of credits and refunds", "tax": " of tax", "gross": " before credits"}
    first = f"{spent}{kind.get(question.charges, '')} {_about(question)}"
    return " ".join(filter(None, (f"{first}{_moved(question, answer)}.", _leaders(question, answer))))


def _whole(answer: Answer) -> Answer:
    return answer.model_copy(update={"lines": (), "series": ()})


def _amount(shown: Total, billed: Sequence[Total]) -> str:
    """As it was asked for; where something of it was converted, with what was billed."""
    told = f"{figure(shown.amount, shown.currency, shown.unit)}{_credited(shown)}"
    same = [each for each in billed if shown.currency == (each.converted or each).currency]
    if not shown.currency or not any(each.converted for each in same):
        return told
    return f"{told} ({listed([figure(each.amount, each.currency, each.unit) for each in same])} as billed)"


def _credited(shown: Total) -> str:
    """`` after $33.86 of credits`` where they hide much of what was used."""
    if shown.credited is None or not shown.currency:
        return ""
    return f" after {money(-shown.credited.credits, shown.currency)} of credits"


def _moved(question: Question, answer: Answer) -> str:
    against = question.against
    moves = [
        change(each.amount, each.against, each.currency, each.unit)
        for each in answer.totals
        if each.against is not None
    ]
    if not moves or not against:
        return ""
    same_year = bool(question.period and question.period.last.year == against.start.year)
    return f": {listed(moves)} compared with {period(against, year=not same_year)}"


def _leaders(question: Question, answer: Answer) -> str:
    lines = [line for line in answer.lines if not line.other and line.amount]
    ranked = [line for line in lines if "" not in line.key.values()]
    if len(lines) > 1 and question.order == "change":
        said = dict(zip(map(id, answer.lines), changes_shown(answer.lines), strict=True))
        moved = sorted(ranked, key=lambda line: -abs(line.amount - (line.against or 0)))[:3]
        return f"Moved most: {listed([f'{label(each.key)} {said[id(each)]}' for each in moved])}."
    if len(lines) > 1 or (ranked and question.top is not None and any(line.other for line in answer.lines)):
        told = dict(zip(map(id, answer.lines), as_shown(answer.lines), strict=True))
        apart = [line for line in lines if "" in line.key.values()]
        if len({line.currency for line in lines}) == 1:  # those of several are in the order of what they are worth
            sign = -1 if total([line.amount for line in lines]) >= 0 else 1
            ranked = sorted(ranked, key=lambda line: sign * line.amount)
        most, rest = (listed([f"{_called(each)} {told[id(each)]}" for each in some[:3]]) for some in (ranked, apart))
        return " ".join(filter(None, (f"Most: {most}." if most else "", f"Apart: {rest}." if rest else "")))
    points = [point for point in answer.series if not any(point.key.values())]
    if question.grain and len(points) > 1 and len({point.currency or point.unit for point in points}) == 1:
        top = max(points, key=lambda point: point.amount)
        return f"Highest: {step(top.start, question.grain)} with {figure(top.amount, top.currency, top.unit)}."
    return ""


def _called(line: Line) -> str:
    """A line's name for a sentence: of a resource the last part, its whole name stands in the table."""
    return brief(label(line.key)) if "ResourceId" in line.key else label(line.key)


def _explain(question: Question, answer: Answer) -> str:
    """What made the change first, a sentence a currency, then what it came to."""
    said = answer.notes[: len({each.get("currency") for each in answer.drivers})]
    whole = _cost(question.model_copy(update={"by": (), "grain": None}), answer)
    for each in answer.totals if said else ():
        whole = whole.replace(f" ({moved(each)})", "", 1)
    return " ".join((*(f"{each}." for each in said), whole))


def moved(each: Total) -> str:
    """The change of a total, as it is shown: the difference of the two amounts shown."""
    return moved_by(each.amount, each.against or Decimal(0), each.currency or "USD")


def _forecast(question: Question, answer: Answer) -> str:
    found = as_asked(answer).forecast or {}
    whole = next((key for key in ("total", "amount") if amount_of(found, key) is not None), None)
    if whole is None:
        why = [*filter(None, [found.get("why")]), *(gap.what for gap in answer.gaps), *answer.notes]
        return f"No forecast {_about(question)}{': ' + str(why[0]).rstrip('.') if why else ''}."
    band = f" ({sure})" if (sure := surety(found)) else ""
    told = next((key for key in ("actual", "to_date") if amount_of(found, key) is not None), None)
    if over(question, answer):
        came = listed([money_of(found, whole), *elsewhere(found)])
        return f"{came} {_about(question)}. The period is over, so nothing is left to forecast."
    so_far = f", {money_of(found, told)} so far" if told and begun(question, answer) else ""
    return f"About {money_of(found, whole)}{band} {_about(question)}{so_far}{others(found)}."


def _anomalies(question: Question, answer: Answer) -> str:
    count = len(answer.anomalies)
    if not count and not answer.as_of:
        return f"No data to look for unusual costs in {_about(question, 'at all')}."
    if not count:
        return f"Nothing unusual{_within(question)}."
    told = [_odd(each) for each in answer.anomalies[:3]] + [f"{count - 3} more"] * (count > 3)  # noqa: PLR2004 - of three
    return f"{count} unusual {'cost' if count == 1 else 'costs'}{_within(question)}: {listed(told)}."


def _within(question: Question) -> str:
    what = subject(question)
    return "".join((f" {what}" if what else "", f", {period(question.period)}" if question.period else ""))


def _odd(found: Mapping[str, Any]) -> str:
    change_a_day = amount_of(found, "change")
    start, end = (str(found.get(key) or "")[:10] for key in ("start", "end"))
    if change_a_day is None:
        return f"{label(found.get('key') or {})} {money_of(found, 'amount')}"
    size = money(abs(change_a_day), str(found.get("currency") or "USD"))
    since = f" since {day(date.fromisoformat(start))}" if start else ""
    if start < end and not found.get("ongoing", True):
        since = f" ({period(Period(start=date.fromisoformat(start), end=date.fromisoformat(end)), year=False)})"
    name = found.get("label") or label(found.get("key") or {})
    return f"{name} {size} a day {'more' if change_a_day > 0 else 'less'} than usual{since}"


def _budgets(_question: Question, answer: Answer) -> str:
    if not answer.budgets:
        return "No budgets are set here; vendors have some of their own." if answer.notes else "No budgets are set."
    used = [
        f"{each.get('name', 'budget')} {rounded((amount_of(each, 'share') or Decimal(0)) * 100, 0):f}%"
        f" ({'at least ' if each.get('missing') else ''}{money_of(each, 'spent')} of {money_of(each, 'limit')})"
        for each in answer.budgets[:3]
    ]
    more = [f"{len(answer.budgets) - 3} more"] if len(answer.budgets) > 3 else []  # noqa: PLR2004 - of three
    return f"{_verdict(answer.budgets)} Used: {listed(used + more)}."


def _verdict(found: Sequence[Mapping[str, Any]]) -> str:
    """Which budgets are over, and which are expected to be."""
    beyond: dict[str, list[str]] = {"spent": [], "forecast": []}
    for each in found:
        limit = amount_of(each, "limit") or Decimal(0)
        how = next((key for key in beyond if (amount_of(each, key) or Decimal(0)) > limit), None)
        if how:
            beyond[how].append(f"{each.get('name', 'budget')} ({money_of(each, how)} of {money_of(each, 'limit')})")
    many = len(found) > 1
    over_ = f"Over budget: {listed(beyond['spent'])}." if beyond["spent"] else ""
    ahead = f"{'Expected' if many else 'It is expected'} to go over: {listed(beyond['forecast'])}."
    whole = not any(each.get("missing") for each in found)
    known = "over" if whole else "known to be over"
    none = f"None of {len(found)} budgets is {known}" if many else f"The budget is not {known}"
    if not over_ and not beyond["forecast"]:
        sure = whole and all(amount_of(each, "forecast") is not None for each in found)
        ahead = f", and {'none is' if many else 'is not'} expected to be" if sure else ""
        return f"{none}{ahead}."
    return " ".join(filter(None, (over_ or f"{none} yet.", ahead if beyond["forecast"] else "")))


def _values(question: Question, answer: Answer) -> str:
    name = question.by[0] if question.by else "ServiceName"
    named = [value(text, name) for each in answer.values if (text := str(each.get("value", "")))]
    count = len(named)
    if not count:
        return f"No {dimension(name, plural=True)} {_about(question, 'seen')}."
    what = dimension(name, plural=count > 1)
    return f"{count} {what} {_about(question, 'seen')}: {listed(named, most=6)}."


def _freshness(_question: Question, answer: Answer) -> str:
    if not answer.as_of:
        return "No source has been read yet."
    return f"Data: {'; '.join(told_through(answer))}."


def _help(_question: Question, _answer: Answer) -> str:
    return "Ask what your clouds and AI models cost, and why, in your own words."


def _unsupported(_question: Question, answer: Answer) -> str:
    return answer.notes[0] if answer.notes else "That is not something I can answer: I tell what was spent, and why."


def _price(question: Question, answer: Answer) -> str:
    """List prices first, together where they are for the same; then what was paid."""
    if question.quantities:
        return _quoted(question, answer)
    if question.usage is not None:
        return parts.usage(question.usage, as_asked(answer), subject_of)
    if not answer.values:
        return f"No price is known {_about(question, 'for that')}."
    listed_, paid = ([each for each in answer.values if each.get("kind") == kind] for kind in ("list", "paid"))
    told = [f"List price of {_priced(listed_)}"] if listed_ else []
    told += [f"{'p' if told else 'P'}aid by us: {_priced(paid)}"] if paid else []
    return f"{'; '.join(told)}."


def _priced(found: Sequence[Mapping[str, Any]]) -> str:
    """``gpt-5: input $1.25, output $10.00 per million tokens``."""
    names: dict[tuple[str, str], list[str]] = {}
    for each in found:
        first, *rest = [str(one) for one in (each.get("what") or {}).values()] or [str(each.get("value", ""))]
        amount = " ".join([*(one.replace("_", " ") for one in rest), price(each)])
        names.setdefault((first, per(each)), []).append(amount)
    told = [f"{name}: {', '.join(amounts)} per {unit}" for (name, unit), amounts in names.items()]
    return listed(told, most=3)


def _quoted(question: Question, answer: Answer) -> str:
    """``10,000,000 tokens of gpt-5: input $12.50 and output $100.00 at list price; …``, a sentence for each thing."""
    asked = listed([asked_for(each) for each in question.quantities])
    if not answer.values:
        return f"No price of {asked} is known {_about(question, 'for that')}."
    names: dict[str, dict[str, list[str]]] = {}
    for each in answer.values:
        first, *rest = [str(one) for one in (each.get("what") or {}).values()] or [""]
        told = " ".join([*(one.replace("_", " ") for one in rest or [_together(each)] if one), total_of(each)])
        names.setdefault(first, {}).setdefault(str(each.get("kind")), []).append(told)
    said = [
        f"{name}: {'; '.join(f'{listed(amounts, most=5)} {_AT.get(kind, kind)}' for kind, amounts in kinds.items())}."
        for name, kinds in list(names.items())[:_QUOTED]
    ]
    more = f" {len(names) - _QUOTED} more have prices." if len(names) > _QUOTED else ""
    return f"{asked} of {' '.join(said)}{more}"


def _together(found: Mapping[str, Any]) -> str:
    """What a price of several token types is of."""
    note = str(found.get("note") or "")
    return note.partition(":")[0] if found.get("unit") == "Tokens" and "x_TokenType" not in found["what"] else ""


_QUOTED = 3
_AT = {"list": "at list price", "paid": "at what we paid"}


def _savings(question: Question, answer: Answer) -> str:
    found = [each for each in answer.values if amount_of(each, "total") is not None]
    if not found:
        return _cost(question, answer)
    saved = listed([money_of(each, "total") for each in found])
    return f"{'At least ' * any(each.get('unknown') for each in found)}{saved} saved {_about(question)}."


def _credits(question: Question, answer: Answer) -> str:
    """What is left and until when; then what was used, as far as anybody knows it."""
    grants = [each for each in answer.values if amount_of(each, "left") is not None]
    left: dict[str, Decimal] = {}
    for each in grants:
        left[str(each["currency"])] = left.get(str(each["currency"]), Decimal(0)) + (amount_of(each, "left") or 0)
    whole = listed([money(amount, currency) for currency, amount in left.items()])
    told = f"{whole} of credits left: {listed([_grant(each) for each in grants])}." if grants else "No grant is known."
    if any(note.endswith("says that no credits are left.") for note in answer.notes) and not grants:
        told = ""
    spent = listed([money(-each.amount, each.currency or "") for each in answer.totals], most=6)
    used = f"Used {_about(question, 'in all')}: {spent or 'none that a bill names'}."
    return " ".join(filter(None, (told, *(note for note in answer.notes if "no credits are left" in note), used)))


def _grant(found: Mapping[str, Any]) -> str:
    """``AWS Activate $4,000, used up about 3 Feb 2027``."""
    used_up, expires = (
        date.fromisoformat(str(found[key])) if found.get(key) else None for key in ("used_up", "expires")
    )
    name = str(found.get("name") or "") or source(str(found.get("source")))
    told = f"{name} {money_of(found, 'left')}"
    if amount_of(found, "left") and not amount_of(found, "pace_used"):
        idle = ", not used of late" if found.get("pace_days") else ""
        return f"{told}{idle}" + (f", until {day(expires, year=True)}" if expires else "")
    if used_up and amount_of(found, "left"):
        return f"{told}, used up about {day(used_up, year=True)}"
    if amount_of(found, "lost") and expires and not amount_of(found, "left"):
        return f"{told}, since {money_of(found, 'lost')} expired unused on {day(expires, year=True)}"
    if amount_of(found, "lost") and expires:
        return f"{told}, of which about {money_of(found, 'lost')} will expire unused on {day(expires, year=True)}"
    return told


def _vendor_told(question: Question, answer: Answer) -> str:
    """What is not told, of whom; nothing is ever made up in its place."""
    what = "Recommendations" if question.kind == "recommendations" else "Coverage and use of commitments"
    sources = listed([source(gap.source) for gap in answer.gaps], most=6)
    return f"{what} are not known here: the bills of {sources or 'these sources'} do not tell them."


def _invoice(question: Question, answer: Answer) -> str:
    """A sentence a month and source; of many only how many agree."""
    told = [str(each["note"]) for each in answer.values]
    if not told:
        return answer.notes[0] if answer.notes else f"No invoice is known {_about(question, 'to compare with')}."
    apart = [note for note, each in zip(told, answer.values, strict=True) if not each["agrees"]]
    if len(told) <= _SENTENCES:
        return " ".join(told)
    return " ".join([f"{len(told) - len(apart)} of {len(told)} invoices agree with the charges.", *apart[:_SENTENCES]])


_SENTENCES = 2
_PLACES = frozenset({"SubAccountName", "BillingAccountName", "RegionId"})
_HEADLINES: dict[str, Callable[[Question, Answer], str]] = {
    "explain": _explain,
    "forecast": _forecast,
    "anomalies": _anomalies,
    "budgets": _budgets,
    "values": _values,
    "freshness": _freshness,
    "help": _help,
    "unsupported": _unsupported,
    "price": _price,
    "savings": _savings,
    "credits": _credits,
    "invoice": _invoice,
    "commitments": _vendor_told,
    "recommendations": _vendor_told,
}
