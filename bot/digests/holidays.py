"""Public holidays by country, from the ``holidays`` package, which is loaded only where a digest names a country."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType


@cache
def countries() -> Mapping[str, str]:
    """The names of the countries whose holidays are known, by ISO code, in the order of their names."""
    import holidays  # 180 ms, for digests that name a country
    from babel import Locale

    territories = Locale("en").territories
    codes = holidays.list_supported_countries(include_aliases=False)
    names = {code: str(territories.get(code, code)) for code in codes}
    return MappingProxyType(dict(sorted(names.items(), key=lambda item: item[1])))


def is_holiday(day: date, country: str) -> bool:
    """Whether a day is a public holiday of the whole country."""
    return day in _holidays(country, day.year)


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    import holidays

    return frozenset(holidays.country_holidays(country, years=year))
