"""Charts of what vendors report: coverage and utilization of commitments, and what could be saved."""

from __future__ import annotations

from bot.domain.answers import CommitmentLine, CommitmentsAnswer, RecommendationsAnswer
from bot.render.labels import RECOMMENDED
from bot.render.slack.charts import MOST_BARS, Chart, axes


def chart(answer: CommitmentsAnswer | RecommendationsAnswer) -> Chart | None:
    """The chart that suits the report; None where one bar would say nothing."""
    return reach(answer) if isinstance(answer, CommitmentsAnswer) else recommended(answer)


def reach(answer: CommitmentsAnswer) -> Chart | None:
    """Coverage and utilization of each commitment, in percent."""
    found = answer.lines[:MOST_BARS]
    measures = {"Covered": [line.coverage for line in found], "Used": [line.utilization for line in found]}
    series = {
        measure: [float(100 * (reached.ratio or 0)) if reached else 0.0 for reached in reaches]
        for measure, reaches in measures.items()
        if any(reaches)
    }
    if sum(map(len, series.values())) <= 1:
        return None
    title = f"{' and '.join(series).capitalize()}, in percent"
    return Chart(axes("bar", title, list(map(_reached, found)), series, "%"))


def _reached(line: CommitmentLine) -> str:
    values = [value for value in line.key.values() if value]
    return " · ".join(values or filter(None, (line.service or line.program,)))


def recommended(answer: RecommendationsAnswer) -> Chart | None:
    """What recommendations of each kind save a month, where they are of one currency."""
    if len(answer.totals) != 1 or len(answer.totals[0].by_kind) <= 1:
        return None
    (total_,) = answer.totals
    kinds = sorted(total_.by_kind.items(), key=lambda found: -found[1][1])
    names = [RECOMMENDED[kind].capitalize() for kind, _ in kinds]
    series = {"Savings a month": [float(saved) for _, (_, saved) in kinds]}
    return Chart(axes("bar", "What could be saved a month", names, series, total_.currency))
