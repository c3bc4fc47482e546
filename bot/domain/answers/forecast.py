"""The answer of the kind ``forecast``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.domain.answers.basis import AnswerBasis
from bot.domain.answers.figures import Point
from bot.domain.answers.forecasts import Forecast, TooShort


@dataclass(frozen=True)
class ConvertedForecast:
    """A forecast in the currency asked for; ``rate_date`` is the day of the last rate taken, ``source`` whose it is."""

    forecast: Forecast | TooShort
    rate_date: date | None = None
    source: str = ""


@dataclass(frozen=True)
class ForecastPart:
    """The forecast of one value of the breakdown."""

    key: Mapping[str, str | None]
    forecast: Forecast | TooShort
    converted: ConvertedForecast | None = None


@dataclass(frozen=True, kw_only=True)
class ForecastAnswer(AnswerBasis):
    """The forecast of the largest currency, with its parts; ``others`` are of other currencies.

    ``converted`` is all of it together that has a rate, in the currency asked for; without a ``forecast`` nothing is
    known.
    """

    forecast: Forecast | TooShort | None = None
    parts: tuple[ForecastPart, ...] = ()
    others: tuple[Forecast | TooShort, ...] = ()
    converted: ConvertedForecast | None = None
    series: tuple[Point, ...] = ()
