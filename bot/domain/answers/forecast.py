"""The answer of the kind ``forecast``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from msgspec import Struct

from bot.domain.answers.basis import AnswerBasis
from bot.domain.answers.figures import Point
from bot.domain.answers.forecasts import Forecast, TooShort


class ConvertedForecast(Struct, frozen=True):
    """A forecast in the currency asked for; ``rate_date`` is the day of the last rate taken, ``source`` whose it is."""

    forecast: Forecast | TooShort
    rate_date: date | None = None
    source: str = ""


class ForecastPart(Struct, frozen=True):
    """The forecast of one value of the breakdown."""

    key: Mapping[str, str | None]
    forecast: Forecast | TooShort
    converted: ConvertedForecast | None = None


class ForecastAnswer(AnswerBasis, frozen=True, kw_only=True):
    """The forecast of the largest currency, with its parts; ``others`` are of other currencies.

    ``converted`` is all of it together that has a rate, in the currency asked for; without a ``forecast`` nothing is
    known.
    """

    kind: ClassVar[str] = "forecast"

    forecast: Forecast | TooShort | None = None
    parts: tuple[ForecastPart, ...] = ()
    others: tuple[Forecast | TooShort, ...] = ()
    converted: ConvertedForecast | None = None
    series: tuple[Point, ...] = ()
