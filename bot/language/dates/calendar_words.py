"""The words of the calendar: months, units, what is past and what is next, and phrases that stand for a moment."""

from __future__ import annotations

import re
from typing import Final

from bot.language.dates.expressions import Ahead, Always, Anchored, Hours, Moment, Now, Relative, Rolling, Unit
from bot.language.dates.holidays import FEASTS

_NAMES: Final = (
    "jan january", "feb febr february", "mar march", "apr april", "may", "jun june", "jul july",
    "aug august", "sep sept september", "oct october", "nov november", "dec december",
)  # fmt: skip
MONTHS: Final = {name: n for n, names in enumerate(_NAMES, 1) for name in names.split()}
_DAYS: Final = (
    "mon monday", "tue tues tuesday", "wed weds wednesday",
    "thu thur thurs thursday", "fri friday", "sat saturday", "sun sunday",
)  # fmt: skip
WEEKDAYS: Final = {name: n for n, names in enumerate(_DAYS) for name in names.split()}
_UNIT_NAMES: Final[tuple[tuple[Unit, str], ...]] = (
    ("day", "day days d"),
    ("week", "week weeks wk wks w weak wek"),
    ("month", "month months mo mos mth mths mnth mnths"),
    ("quarter", "quarter quarters qtr qtrs"),
    ("half", "semester semesters"),
    ("year", "year years yr yrs y"),
    ("weekend", "weekend weekends"),
)
UNITS: Final = {name: unit for unit, names in _UNIT_NAMES for name in names.split()}
HOURS: Final = frozenset(("hour", "hours", "hr", "hrs", "h"))
PAST: Final = frozenset(("past", "trailing", "rolling"))
LAST: Final = frozenset(("last", "previous", "prior", "preceding", "prev", "latest", "lst"))
PREVIOUS: Final = frozenset(("previous", "prior", "preceding", "prev"))
THIS: Final = frozenset(("this", "current", "present", "ongoing"))
NEXT: Final = frozenset(("next", "nxt", "coming", "upcoming", "following"))
WHOLE: Final = frozenset(("full", "complete", "completed", "whole", "entire", "calendar"))
ORDINALS: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)$")
SHORT = re.compile(r"(\d{1,3})(d|days?|w|wks?|weeks?|m|mos?|mths?|months?|q|qtrs?|y|yrs?|years?|h|hrs?|hours?)$")
ABBREVIATED = re.compile(
    r"(?:l|p|t|last|past)(\d{1,3})(d|days?|w|wks?|weeks?|m|mos?|mths?|months?|q|qtrs?|y|yrs?|years?)$"
)
RANKS: Final = frozenset(("top", "which", "what", "biggest", "highest", "worst", "costliest", "priciest"))
"""After these a number counts what is ranked: "top 5 days" is no period."""
QUARTER = re.compile(r"q([1-4])(?:([12]\d{3}|\d{2}))?$|([1-4])q([12]\d{3}|\d{2})?$")
YEAR_QUARTER = re.compile(r"([12]\d{3})q([1-4])$")
_PHRASES: Final[dict[str, Moment]] = {
    "closed month": Relative("month", -1), "the closed month": Relative("month", -1),
    "last closed month": Relative("month", -1), "the last closed month": Relative("month", -1),
    "latest closed month": Relative("month", -1), "most recent closed month": Relative("month", -1),
    "last closed quarter": Relative("quarter", -1), "last closed week": Relative("week", -1),
    "today": Relative("day", 0), "tdy": Relative("day", 0), "tonight": Relative("day", 0),
    "this morning": Relative("day", 0), "this afternoon": Relative("day", 0), "this evening": Relative("day", 0),
    "yesterday": Relative("day", -1), "yday": Relative("day", -1), "yest": Relative("day", -1),
    "ytday": Relative("day", -1), "last night": Relative("day", -1), "overnight": Hours(24),
    "day before yesterday": Relative("day", -2), "the day before yesterday": Relative("day", -2),
    "tomorrow": Ahead("day", 1), "tmrw": Ahead("day", 1), "tmr": Ahead("day", 1),
    "wtd": Relative("week", 0), "mtd": Relative("month", 0), "qtd": Relative("quarter", 0),
    "ytd": Relative("year", 0), "td": Relative("day", 0),
    "eom": Relative("month", 0, whole=True), "eoq": Relative("quarter", 0, whole=True),
    "eoy": Relative("year", 0, whole=True), "eow": Relative("week", 0, whole=True),
    "year end": Relative("year", 0, whole=True), "month end": Relative("month", 0, whole=True),
    "quarter end": Relative("quarter", 0, whole=True),
    "the weekend": Relative("weekend", 0), "weekend": Relative("weekend", 0),
    "all time": Always(), "of all time": Always(), "ever": Always(), "lifetime": Always(),
    "all history": Always(), "the beginning": Always(), "day one": Always(), "beginning of time": Always(),
    "the beginning of time": Always(), "inception": Always(), "the start": Always(), "all of time": Always(),
    "this time last year": Anchored("year", same=True), "this time last month": Anchored("month", same=True),
    "previous period": Anchored("span"), "prior period": Anchored("span"), "preceding period": Anchored("span"),
    "lw": Relative("week", -1), "lm": Relative("month", -1), "lq": Relative("quarter", -1), "ly": Relative("year", -1),
    "tw": Relative("week", 0), "tm": Relative("month", 0), "ttm": Rolling("month", 12),
    "to now": Now(), "to date": Now(),
    "till date": Now(), "till now": Now(), "until now": Now(), "up to now": Now(), "through now": Now(),
    "to present": Now(), "to the present": Now(), "until today": Now(), "till today": Now(), "to today": Now(),
    "through today": Now(), "up to today": Now(), "up until now": Now(), "up until today": Now(),
    "last period": Anchored("span"), "the period before": Anchored("span"), "period before": Anchored("span"),
    "the one before": Anchored("span", unit_of=True), "the previous one": Anchored("span", unit_of=True),
    "earlier period": Anchored("span"),
    "fortnight": Rolling("week", 2), "past fortnight": Rolling("week", 2), "last fortnight": Rolling("week", 2),
    "full year": Relative("year", 0, whole=True), "full month": Relative("month", 0, whole=True),
    "full quarter": Relative("quarter", 0, whole=True), "half year": Rolling("month", 6),
    "half year to date": Relative("half", 0),
    "half a year": Rolling("month", 6),
}  # fmt: skip
BY_FIRST: Final[dict[str, list[tuple[tuple[str, ...], Moment]]]] = {}
for _phrase, _moment in _PHRASES.items():
    BY_FIRST.setdefault(_phrase.split()[0], []).append((tuple(_phrase.split()), _moment))


WORDS: Final = frozenset(
    {*MONTHS, *WEEKDAYS, *UNITS, *HOURS, *PAST, *LAST, *THIS, *NEXT, *WHOLE, *ORDINALS}
    | {word for phrase in _PHRASES for word in phrase.split()}
    | {word for name in FEASTS for word in name.split()}
    | {"cw", "kw", "iso", "beginning", "start", "end", "rest", "remainder", "same", "period", "ago", "earlier"}
    | {"fiscal", "fy", "fytd"}
)
"""Every word that this grammar knows."""
