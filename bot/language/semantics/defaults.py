"""The contract's defaults: periods, grains and comparisons that are not said but implied."""

from __future__ import annotations

from typing import Final

from bot.language.dates.arithmetic import just_before, paced
from bot.language.dates.expressions import DateRange, Rolling, Unit, unit_around
from bot.language.dates.resolve import TimeReferences
from bot.language.semantics.context import Context

_SERIES: Final[dict[str, int]] = {"month": 6, "week": 8, "quarter": 4}
_DAYS, _WEEKS = 31, 92


class PeriodDefaults(Context):
    """Fills in periods."""

    def _periods(  # noqa: PLR0913 - what a period may follow from
        self,
        times: TimeReferences,
        grain: Unit | None,
        average: Unit | None,
        change: str | None,
        order: str,
        only: str | None,
        pace: Unit | None,
    ) -> tuple[DateRange, DateRange | None]:
        period, against = times.period, times.against
        if pace and against is None:
            period, against = paced(period, pace, self.clock)
        period = period or self._default_period(grain, average)
        compared = change is not None or only is not None or order != "cost"
        if against is None and compared and grain is None:
            against = just_before(period, self.clock)
        if against is None and grain is None and not times.only_against and self._compare_alone():
            against = just_before(period, self.clock)
        return period, against

    def _compare_alone(self) -> bool:
        """As in "compare October": with the period before, where no values are set against each other."""
        return (
            self.slots.has("compare")
            and not any(len(f.values) > 1 for f in self.filters().where)
            and not self.slots.has("noun", "by", "beside")
        )

    def _explained(self, times: TimeReferences, period: DateRange) -> tuple[DateRange, DateRange]:
        pace = self.slots.one("pace")
        if pace and times.against is None:
            return paced(times.period, pace, self.clock)
        return period, times.against or just_before(period, self.clock)

    def _default_period(self, grain: Unit | None, average: Unit | None = None) -> DateRange:
        clock, kind = self.clock, self.kind
        if kind == "forecast":
            return DateRange(*unit_around(clock.today, "month", 0), "month")
        if kind == "invoice":
            return DateRange(*unit_around(clock.today, "month", 0, -1), "month")
        if kind in {"anomalies", "values"} or (kind == "cost" and grain in {"hour", "day"}):
            return Rolling("day", 30).span(clock)
        steps = grain or (average if average in {"week", "month"} else None)
        if kind == "cost" and steps in _SERIES:
            start, _ = unit_around(clock.today, steps, clock.week_start, -_SERIES[steps])
            return DateRange(start, clock.tomorrow)
        return DateRange(clock.today.replace(day=1), clock.tomorrow, "month")

    def _trend_grain(self, times: TimeReferences) -> str:
        if times.period is None:
            return "day"
        days = (times.period.end - times.period.start).days
        return "day" if days <= _DAYS else "week" if days <= _WEEKS else "month"

    def _grain_of_period(self, period: DateRange) -> None:
        """A forecast is of one period; "monthly forecast" says no more than "for the month"."""
        grain = self.slots.one("grain") if self.slots.has("grain") else None
        if grain and grain != period.unit:
            raise self._refusal(
                "grain", "I can forecast a whole period, not its steps.", 'Ask for example: "forecast next quarter".'
            )
