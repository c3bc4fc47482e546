"""What a word can mean: a role in the sentence, and what it says in that role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """The part a phrase plays. The composer looks at roles, never at words."""

    FILLER = "filler"
    SPEND = "cost word"
    SHOW = "show"
    BY = "by"
    ACROSS = "across"
    EACH = "each"
    DIM = "dimension"
    TIMEUNIT = "unit of time"
    GRAIN = "grain"
    TREND = "trend"
    CHART = "chart"
    BREAKDOWN = "breakdown"
    DRIVERS = "cost drivers"
    METRIC = "metric"
    UNIT = "unit"
    CHARGES = "charges"
    KIND = "kind"
    TOP = "top"
    SUPERLATIVE = "superlative"
    BOTTOM = "from the bottom"
    CHANGE = "change"
    PACE = "pace"
    VERSUS = "versus"
    COMPARE = "compare"
    AND = "and"
    DASH = "dash"
    TO = "to"
    FROM = "from"
    BETWEEN = "between"
    SINCE = "since"
    UNTIL = "until"
    BEFORE = "before"
    IN = "preposition"
    NOT = "except"
    NONE = "names none"
    TAGGED = "tagged"
    ONLY = "only"
    ALSO = "also"
    WHICH = "which"
    LIST = "list"
    EXIST = "exist"
    THAT = "that"
    OP = "threshold"
    CURRENCY = "currency"
    AVERAGE = "average"
    SOURCE = "data"
    EQUALS = "equals"
    WHEN = "period"
    NUMBER = "number"
    AMOUNT = "amount"
    PERCENT = "percent"
    VALUE = "value"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A role and what is said in it; ``plural`` where the number of the noun matters."""

    role: Role
    value: Any = None
    plural: bool = False
