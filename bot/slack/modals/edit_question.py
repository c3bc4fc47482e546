"""The "Change…" modal: every part of a question, prefilled, and the question that comes of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from bot import render
from bot.blockkit.build import Block, input_block, modal, plain, select
from bot.domain.labels import sentence_case
from bot.domain.period import DAY, Period
from bot.domain.question import DIMENSIONS, Question, Threshold
from bot.slack.modals import choices
from bot.slack.modals.fields import Entered, FieldError, State
from bot.slack.workspace_memory import WorkspaceMemory

CALLBACK = "change"
_ASKED = (
    "cost", "explain", "forecast", "anomalies", "values", "budgets", "savings", "commitments", "recommendations",
    "credits", "invoice", "price", "freshness",
)  # fmt: skip
KINDS = tuple((kind, sentence_case(render.KINDS[kind])) for kind in _ASKED)
CHARGES = tuple((name, sentence_case(label)) for name, label in render.CHARGES.items())
GRAINS = (
    ("none", "One number"),
    ("hour", "By hour"),
    ("day", "By day"),
    ("week", "By week"),
    ("month", "By month"),
    ("quarter", "By quarter"),
)
ORDERS = (
    ("cost", "Largest first"),
    ("change", "Largest change first"),
    ("increase", "Largest increase first"),
    ("decrease", "Largest decrease first"),
    ("growth", "Fastest growth first"),
)
OPERATORS = ((">", "more than"), (">=", "at least"), ("<", "less than"), ("<=", "at most"))
_MAX_TOP = 1000
_LONGEST_VALUE, _MOST_OPTIONS = 150, 100
"""Of a select menu."""
_WITHOUT_FIELD = ("share_of", "average", "per", "unit", "usage", "quantities", "currency")


def view(question: Question, memory: WorkspaceMemory, tags: list[str], metadata: str) -> Block:
    """The modal for a question; ``tags`` are the keys of tags to break down by."""
    first, second = (*question.by, None, None)[:2]
    period, against = question.period, question.against
    above = question.threshold
    metrics = [(name, sentence_case(label)) for name, label in render.METRICS.items()]
    blocks = [
        input_block("kind", "Show", select(KINDS, question.kind), optional=False),
        input_block("start", "First day", _day(period.start if period else None)),
        input_block("last", "Last day", _day(period.last if period else None)),
        input_block("against_start", "Compared with: first day", _day(against.start if against else None)),
        input_block("against_last", "Compared with: last day", _day(against.last if against else None)),
        input_block("by", "Break down by", select(_dimensions(tags, first), first)),
        input_block("and_by", "And by", select(_dimensions(tags, second), second)),
        input_block("grain", "Over time", select(GRAINS, question.grain or "none"), optional=False),
        input_block("only", "Only", _values(choices.initial(memory, question.where, exclude=False))),
        input_block("without", "Without", _values(choices.initial(memory, question.where, exclude=True))),
        input_block("charges", "Credits and tax", select(CHARGES, question.charges), optional=False),
        input_block("metric", "Measure", select(metrics, question.metric), optional=False),
        input_block("top", "Show at most", _number(str(question.top or ""), whole=True)),
        input_block("order", "Order", select(ORDERS, question.order), optional=False),
        input_block("op", "Only amounts", select(OPERATORS, above.op if above else None)),
        input_block("amount", "Amount", _number(f"{above.amount:f}" if above else "", whole=False)),
    ]
    return modal(CALLBACK, "Change the question", blocks, submit="Ask", metadata=metadata)


def _day(value: date | None) -> Block:
    return {"type": "datepicker", **({"initial_date": value.isoformat()} if value else {})}


def _number(value: str, *, whole: bool) -> Block:
    return {
        "type": "number_input",
        "is_decimal_allowed": not whole,
        **({"initial_value": value} if value else {}),
        **({"min_value": "1", "max_value": str(_MAX_TOP)} if whole else {}),
    }


def _values(first: list[Block]) -> Block:
    return {
        "type": "multi_external_select",
        "min_query_length": 0,
        "placeholder": plain("Service, account, region, model, tag …"),
        **({"initial_options": first} if first else {}),
    }


def _dimensions(tags: list[str], chosen: str | None) -> list[tuple[str, str]]:
    names = dict.fromkeys([*DIMENSIONS, "Tags", *(f"Tags/{key}" for key in tags), *([chosen] if chosen else [])])
    return [(name, _title(name)) for name in names if len(name) <= _LONGEST_VALUE][:_MOST_OPTIONS]


def _title(name: str) -> str:
    return f"{'Tag: ' if name.startswith('Tags/') else ''}{sentence_case(render.dimension(name))}"


def read(memory: WorkspaceMemory, state: State, before: Question | None = None) -> Question | list[FieldError]:
    """The question that was entered, or what is wrong with it; ``before`` is the one that was changed.

    What the form has no field for (shares, averages, unit costs …) stays as it was while the kind does.
    """
    entered = Entered(state)
    wrong: list[FieldError] = []
    period = _period(entered, "start", "last", wrong)
    against = _period(entered, "against_start", "against_last", wrong)
    if against and not period:
        wrong.append(FieldError("start", "Enter the days to compare with these."))
    threshold = _threshold(entered, before.threshold if before else None, wrong)
    by = [name for name in (entered.option("by"), entered.option("and_by")) if name]
    if len(set(by)) < len(by):
        wrong.append(FieldError("and_by", "Choose a different one, or none."))
    if wrong:
        return wrong
    only, without = (entered.options(name) for name in ("only", "without"))
    grain = entered.option("grain")
    top = entered.text("top")
    kind = entered.option("kind") or "cost"
    return Question.model_validate(
        {
            **(_unchanged(before, entered) if before and before.kind == kind else {}),
            "kind": kind,
            "metric": entered.option("metric") or "BilledCost",
            "period": period,
            "against": against,
            "grain": None if grain in {"none", ""} else grain,
            "by": by,
            "where": (
                *choices.filters(memory, only, exclude=False),
                *choices.filters(memory, without, exclude=True),
            ),
            "charges": entered.option("charges") or "net",
            "top": int(top) if top else None,
            "order": entered.option("order") or "cost",
            "threshold": threshold,
        }
    )


def _unchanged(before: Question, entered: Entered) -> dict[str, object]:
    """The parts that have no field, as far as they fit what was entered."""
    parts: dict[str, object] = {name: getattr(before, name) for name in _WITHOUT_FIELD}
    if entered.day("against_start"):
        parts["only"] = before.only
    if entered.option("grain") not in {"none", ""}:
        parts["cumulative"] = before.cumulative
    if (entered.option("metric"), entered.option("charges")) == (before.metric, before.charges):
        parts["beside"] = before.beside
    return parts


def _period(entered: Entered, first: str, last: str, wrong: list[FieldError]) -> Period | None:
    start, end = entered.day(first), entered.day(last)
    if start is None and end is None:
        return None
    if start is None or end is None:
        wrong.append(FieldError(first if start is None else last, "Enter both days, or neither."))
        return None
    if end < start:
        wrong.append(FieldError(last, "This day is before the first one."))
        return None
    return Period(start=start, end=end + DAY)


def _threshold(entered: Entered, before: Threshold | None, wrong: list[FieldError]) -> Threshold | None:
    operator, amount = entered.option("op"), entered.text("amount")
    if bool(operator) != bool(amount):
        wrong.append(FieldError("amount", "Choose a comparison and an amount, or neither."))
        return None
    if not operator:
        return None
    try:
        limits = before.model_dump() if before else {}
        return Threshold.model_validate({**limits, "op": operator, "amount": Decimal(amount)})
    except (InvalidOperation, ValueError):
        wrong.append(FieldError("amount", "Enter an amount, like 1000."))
        return None
