"""Headlines of cost answers with parts: shares, averages, unit costs, two measures, what is new, what moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

from bot.domain.answers import CostAnswer, Line, Point, PriceAnswer, Total
from bot.domain.money import rounded
from bot.domain.parts import Share
from bot.domain.period import Period
from bot.domain.prices import per_of
from bot.domain.question import Filter, Question
from bot.domain.units import spoken
from bot.render import thresholds
from bot.render.labels import dimension, label, listed, period, step
from bot.render.numbers import change, figure, money, percent, places, to_the_cent

_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
_HUNDRED, _MILLION = Decimal(100), 10**6
_NAMED = 3
_SIGNIFICANT = 4
_DUST = Decimal("0.001")
_LEAST, _MOST = Decimal("0.1"), Decimal("99.9")
STEP = "ChargePeriodStart"
MEASURES = {
    "BilledCost": "billed",
    "EffectiveCost": "effective (amortized)",
    "ListCost": "at list price",
    "ContractedCost": "at contracted prices",
    "ConsumedQuantity": "consumed",
    "net": "net",
    "gross": "before credits and refunds",
}
_ROSE = {
    "increase": ("rose", "rose most"),
    "decrease": ("fell", "fell most"),
    "growth": ("grew", "grew fastest"),
    "change": ("changed", "changed most"),
}
_WHOLE: dict[str, object] = {"by": (), "grain": None, "order": "cost", "top": None, "threshold": None}
"""The question about the total of what is ranked or limited."""
Part = Literal["steps", "share", "average", "unit cost", "beside", "running"]
Subject = Callable[[Sequence[Filter]], str]


def percentage(share: Decimal | None) -> str:
    """``37.3%``; ``<0.1%`` and ``>99.9%`` where rounding would say none or all; ``–`` where there is none."""
    if share is None:
        return "–"
    scaled = _WIDE.multiply(share, _HUNDRED)
    if scaled and 0 < scaled < _LEAST:
        return "<0.1%"
    if _MOST < scaled < _HUNDRED:
        return ">99.9%"
    return f"{rounded(scaled, 1):f}%".replace(".0%", "%")


def per_so_many(answer: CostAnswer | PriceAnswer) -> int:
    """For how many units a unit cost is scaled: the usual number, or so many that it is no dust."""
    series = answer.series if isinstance(answer, CostAnswer) else ()
    first = next(iter((*answer.totals, *answer.lines, *series)), None)
    if first is None or not first.unit:
        return 1
    count = per_of(first.unit)
    while count < _MILLION and first.amount and abs(first.amount) * count < _DUST:
        count *= 1000
    return count


def unit_money(amount: Decimal, currency: str, count: int) -> str:
    """What so many units cost, in four digits: ``$1.868`` a million tokens."""
    scaled = _WIDE.multiply(amount, Decimal(count))
    usual = places(Decimal(1), currency)
    digits = usual if not scaled else max(usual, _SIGNIFICANT - 1 - scaled.adjusted())
    return money(scaled, currency, digits=min(digits, 12))


def per_unit(unit: str, count: int) -> str:
    """``million tokens``, ``1,000 requests``, ``hour``, ``GB-Mo``."""
    word = spoken(unit)
    if count == _MILLION:
        return f"million {word}"
    if count > 1:
        return f"{count:,} {word}"
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word.removesuffix("s") if word.islower() else word


def headline(question: Question, answer: CostAnswer, subject: Subject, plain: Callable[[Question], str]) -> str | None:
    """The answer in a sentence or two; None where the plain one says it. ``plain`` is that of a simpler question."""
    asked = part(question, answer)
    if asked == "steps":
        return _steps(question, answer, subject)
    if asked == "running":
        return plain(question.model_copy(update={"grain": None, "cumulative": False}))
    one_change = question.order == "change" and question.top == 1 and question.against is not None
    if (one_change or question.order in ("increase", "decrease", "growth")) and question.by and question.only is None:
        return _moved(question, answer, subject, plain)
    described = {"share": _share, "average": _average, "unit cost": _unit_cost, "beside": _beside}
    describe = described.get(asked or "", _only if question.only is not None else None)
    if describe:
        return describe(question, answer, subject)
    if question.threshold and answer.totals:
        whole = plain(question.model_copy(update=_WHOLE))
        return f"{thresholds.headline(question, answer, question.threshold)} {whole}"
    return None


def part(question: Question, answer: CostAnswer) -> Part | None:
    """What of a cost question its figures are about; None for plain ones."""
    if any(STEP in line.key for line in answer.lines):
        return "steps"
    asked: dict[Part, bool] = {
        "share": question.share_of is not None,
        "average": question.average is not None,
        "unit cost": question.per is not None,
        "beside": question.beside is not None,
        "running": question.cumulative,
    }
    return next((name for name, is_asked in asked.items() if is_asked), None)


def lead(question: Question, answer: CostAnswer | PriceAnswer) -> list[str]:
    """The figure that the headline is about, where it is not the total."""
    if isinstance(answer, CostAnswer) and question.share_of is not None and answer.share is not None:
        return [percentage(answer.share.share)]
    if question.per is not None:
        count = per_so_many(answer)
        return [unit_money(total.amount, total.currency or "", count) for total in answer.totals[:1]]
    if question.usage is not None:
        return [to_the_cent(line.amount, line.currency or "USD") for line in answer.lines[:1]]
    first = next((line for line in answer.lines if not line.other), None)
    if first is not None and first.currency and (STEP in first.key or question.top == 1) and question.order != "cost":
        cents = places(Decimal(1), first.currency)
        then = first.against or Decimal(0)
        moved = rounded(first.amount, cents) - rounded(then, cents)
        return [money(moved, first.currency, digits=cents, signed=True)]
    return []


def _days(question: Question) -> str:
    return period(question.period) if question.period else "all time"


def named(filters: Sequence[Filter], subject: Subject) -> str:
    """Filters as the subject of a sentence: without the word they begin with elsewhere."""
    text = subject(filters)
    for word in ("on ", "in ", "for "):
        text = text.removeprefix(word)
    return text


# --- shares ---------------------------------------------------------------------------------------------------


def _share(question: Question, answer: CostAnswer, subject: Subject) -> str:
    share = answer.share
    if share is None:
        lack = ", ".join(filter(None, (subject(question.share_of or ()), _days(question))))
        return f"No data {lack}, so there is no share to show." if question.share_of else f"No data for {lack}."
    whole = subject(question.share_of or ())
    all_of_it = f"what was spent {whole}, {_days(question)}" if whole else f"{_days(question)}"
    part = named(question.where, subject) or "Everything"
    if share.share is None:
        nothing = "Nothing was spent" + (f" {whole}" if whole else "")
        return f"{nothing}, {_days(question)}, so there is no share to show."
    verb = "are" if any(len(filter_.values) > 1 for filter_ in question.where if not filter_.exclude) else "is"
    text = f"{part} {verb} {percentage(share.share)} of {all_of_it}: {_of(share)}."
    if any(fact.type == "not_a_part" for fact in answer.facts):
        text = f"{part} comes to {percentage(share.share)} of {all_of_it}: {_of(share)}."
    return " ".join(filter(None, (text, _largest_shares(question, answer))))


def _of(share: Share) -> str:
    if share.currency:
        return f"{to_the_cent(share.part, share.currency)} of {to_the_cent(share.whole, share.currency)}"
    return f"{figure(share.part, None, share.unit)} of {figure(share.whole, None, share.unit)}"


def _largest_shares(question: Question, answer: CostAnswer) -> str:
    lines = [line for line in answer.lines if not line.other and line.share and line.share.share and _is_named(line)]
    most = sorted(lines, key=lambda line: -(line.share.share or 0) if line.share else 0)[:_NAMED]
    if len(lines) > 1:
        return f"Largest share: {listed([f'{label(line.key)} {percentage(_ratio(line))}' for line in most])}."
    points = [point for point in answer.series if not any(point.key.values()) and _ratio(point) is not None]
    if question.grain and len(points) > 1:
        top = max(points, key=lambda point: _ratio(point) or Decimal(0))
        return f"Highest: {step(top.start, question.grain, _end(question))} with {percentage(_ratio(top))}."
    return ""


def _ratio(part: Line | Point) -> Decimal | None:
    return part.share.share if part.share else None


def _is_named(line: Line) -> bool:
    return "" not in line.key.values()


def _end(question: Question) -> date | None:
    return question.period.end if question.period else None


# --- averages ---------------------------------------------------------------------------------------------------


def _average(question: Question, answer: CostAnswer, subject: Subject) -> str:
    every = question.average or "day"
    about = ", ".join(filter(None, (subject(question.where), _days(question))))
    if not answer.totals:
        whole = f"{_days(question)} has no complete {every} of data yet"
        return f"{whole}, so there is no average."
    text = listed([_amount(total) for total in answer.totals], most=6)
    made = [f"{figure(total.averaged.total, total.currency, total.unit)}" for total in answer.totals if total.averaged]
    count = next((total.averaged.periods for total in answer.totals if total.averaged), 0)
    over = f"{listed(made, most=6)} over {count:,} {every if count == 1 else f'{every}s'}"
    moves = _compared(question, answer.totals)
    return " ".join(filter(None, (f"{text} a {every} on average, {about} ({over}){moves}.", _dearest(answer.lines))))


def _amount(total: Total) -> str:
    return figure(total.amount, total.currency, total.unit)


def _compared(question: Question, totals: Sequence[Total]) -> str:
    against = question.against
    moves = [
        change(total.amount, total.against, total.currency, total.unit) for total in totals if total.against is not None
    ]
    if not moves or against is None:
        return ""
    return f": {listed(moves)} compared with {_before(question, against)}"


def _before(question: Question, against: Period) -> str:
    same_year = bool(question.period and question.period.last.year == against.start.year)
    return period(against, year=not same_year)


def _dearest(lines: Sequence[Line], amount: Callable[[Line], str] | None = None) -> str:
    """The first few lines in their order; what names no value apart."""
    named = [line for line in lines if not line.other and line.amount and _is_named(line)]
    apart = [line for line in lines if not line.other and line.amount and not _is_named(line)]
    if len(named) + len(apart) <= 1 and not (named and any(line.other for line in lines)):
        return ""
    amount_of = amount or (lambda line: figure(line.amount, line.currency, line.unit))
    most = listed([f"{label(line.key)} {amount_of(line)}" for line in named[:_NAMED]])
    rest = listed([f"{label(line.key)} {amount_of(line)}" for line in apart[:_NAMED]])
    return " ".join(filter(None, (f"Largest: {most}." if most else "", f"Plus {rest}." if rest else "")))


# --- unit costs -------------------------------------------------------------------------------------------------


def _unit_cost(question: Question, answer: CostAnswer, subject: Subject) -> str:
    about = ", ".join(filter(None, (subject(question.where), _days(question))))
    costs, made, covered, count = [], [], "", per_so_many(answer)
    for total in answer.totals:
        unit, currency = total.unit or "", total.currency or ""
        costs.append(f"{unit_money(total.amount, currency, count)} per {per_unit(unit, count)}")
        quantity = figure(total.quantity or Decimal(0), None, unit)
        made.append(f"{to_the_cent(total.cost or Decimal(0), currency)} for {quantity}")
        if total.covered is not None and total.covered != 1:
            part = percentage(total.covered)
            covered = (
                f", {part} of the cost" if total.covered < 1 else " before credits and refunds, which have no unit"
            )
    moves = [percent(total.amount, total.against) for total in answer.totals if total.against is not None]
    against = question.against
    compared = f" {listed([_changed(move) for move in moves])} compared with {_before(question, against)}." if (
        moves and against
    ) else ""  # fmt: skip
    dearest = _dearest(answer.lines, lambda line: unit_money(line.amount, line.currency or "", count))
    return " ".join(filter(None, (f"{listed(costs)}, {about}: {listed(made)}{covered}.{compared}", dearest)))


def _changed(move: str) -> str:
    if move.startswith("+"):
        return f"Up {move.removeprefix('+')}"
    return f"Down {move.removeprefix('-')}" if move.startswith("-") else f"Changed {move}" if move else "Unchanged"


# --- two measures -----------------------------------------------------------------------------------------------


def measures(question: Question) -> tuple[str, str]:
    """What the two measures are called."""
    first = question.charges if question.charges != "net" and question.beside == "net" else question.metric
    return MEASURES.get(first, first), MEASURES.get(question.beside or "", question.beside or "")


def _beside(question: Question, answer: CostAnswer, subject: Subject) -> str:
    about = ", ".join(filter(None, (subject(question.where) or "in total", _days(question))))
    if not answer.totals:
        return f"No data {about}."
    first, second = measures(question)
    sides = []
    for total in answer.totals:
        beside, currency = total.beside or Decimal(0), total.currency or ""
        digits = places(max(abs(total.amount), abs(beside)), currency)
        shown = [rounded(amount, digits) for amount in (total.amount, beside)]
        apart = shown[0] - shown[1]
        ratio = f" ({percentage(abs(total.amount - beside) / abs(total.amount))})" if total.amount and apart else ""
        words = (
            "no difference"
            if not apart
            else f"{money(abs(apart), currency, digits=digits)}{ratio} " + ("lower" if apart > 0 else "higher")
        )
        both = (
            f"{money(total.amount, currency, digits=digits)} {first}, {money(beside, currency, digits=digits)} {second}"
        )
        sides.append(f"{both}: {words}")
    return f"{listed(sides)}, {about}."


# --- what is new, gone, rose, fell --------------------------------------------------------------------------------


def _only(question: Question, answer: CostAnswer, subject: Subject) -> str:
    lines = [line for line in answer.lines if not line.other]
    name = question.by[0] if question.by else "ServiceName"
    within = f" {subject(question.where)}" if question.where else ""
    against = _before(question, question.against) if question.against else "the period before"
    new = question.only == "new"
    if not lines:
        compared = f"in {_days(question)} compared with {against}"
        return f"No {dimension(name, plural=True)}{within} are {question.only} {compared}."
    verb = "is" if len(lines) == 1 else "are"
    what = dimension(name, plural=len(lines) > 1)
    names = [f"{label(line.key)} {figure(line.amount if new else line.against or Decimal(0), line.currency, line.unit)}"
             for line in lines]  # fmt: skip
    then = (
        f"new in {_days(question)} (no cost in {against})" if new else f"gone in {_days(question)} (cost in {against})"
    )
    return f"{len(lines)} {what}{within} {verb} {then}: {listed(names)}."


def _moved(question: Question, answer: CostAnswer, subject: Subject, plain: Callable[[Question], str]) -> str:
    whole = plain(question.model_copy(update=_WHOLE))
    lines = [line for line in answer.lines if not line.other]
    named = [line for line in lines if _is_named(line)]
    verb, most = _ROSE[question.order]
    within = f" {subject(question.where)}" if question.where else ""
    against = _before(question, question.against) if question.against else "before"
    name = dimension(question.by[0])
    if not lines:
        limit = " by that much" if question.threshold else ""
        return f"No {name}{within} {verb}{limit} in {_days(question)} compared with {against}. {whole}"
    if len(named) == 1 and (question.top == 1 or len(lines) == 1):
        (first,) = named
        text = (
            f"{label(first.key)} {most}, {_days(question)} compared with {against}: {_by_how_much(first, both=True)}."
        )
    else:
        text = f"{most.capitalize()}: {listed([f'{label(line.key)} {_by_how_much(line)}' for line in named[:_NAMED]])}."
    apart = [line for line in lines if not _is_named(line)]
    rest = f" Plus {listed([f'{label(line.key)} {_by_how_much(line)}' for line in apart])}." if apart else ""
    return f"{text}{rest} {whole}"


def _by_how_much(line: Line, *, both: bool = False) -> str:
    """``+$1,327 (+5.8%)``; with ``both`` also from what to what, to the cent."""
    then = line.against or Decimal(0)
    ratio = percent(line.amount, then)
    if not both or not line.currency:
        return f"{figure(line.amount - then, line.currency, line.unit, signed=True)}" + (f" ({ratio})" if ratio else "")
    cents = places(Decimal(1), line.currency)
    moved = money(rounded(line.amount, cents) - rounded(then, cents), line.currency, digits=cents, signed=True)
    sides = f"{to_the_cent(then, line.currency)} to {to_the_cent(line.amount, line.currency)}"
    return f"{moved} ({sides}{f', {ratio}' if ratio else ''})"


def _steps(question: Question, answer: CostAnswer, subject: Subject) -> str:
    lines = [line for line in answer.lines if not line.other]
    grain = question.grain or "day"
    unit = "day" if grain == "hour" else grain
    about = f" {subject(question.where)}" if question.where else ""
    whole = listed([_amount(total) for total in answer.totals], most=6)
    total = f"{whole}{about}, {_days(question)}, in total."
    if not lines:
        return f"Cost{about} did not {_INFINITIVE[question.order]} on any {unit} of {_days(question)}. {total}"
    first, *others = lines
    text = f"{step_name(first, question)}{about} {_ROSE[question.order][1]}: {_by_how_much(first, both=True)}" + (
        f" over the {unit} before." if question.order != "decrease" else f" from the {unit} before."
    )
    more = f" Then {listed([f'{step_name(line, question)} {_by_how_much(line)}' for line in others[: _NAMED - 1]])}."
    return f"{text}{more if others else ''} {total}"


_INFINITIVE = {"increase": "rise", "decrease": "fall", "growth": "grow", "change": "change"}


def step_name(line: Line, question: Question) -> str:
    """``26 Oct``, ``2–8 Nov``; with the line's other values where it has any."""
    start = date.fromisoformat(line.key[STEP] or "")
    name = step(start, question.grain or "day", _end(question))
    rest = {dim: value for dim, value in line.key.items() if dim != STEP}
    return f"{label(rest)} {name}" if rest else name
