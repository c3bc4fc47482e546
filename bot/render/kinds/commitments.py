"""Coverage and utilization of commitments in words and as a table."""

from __future__ import annotations

from bot.blockkit.build import Block, cut, number_cell, text_cell
from bot.domain.answers import CommitmentLine, CommitmentsAnswer, CostAnswer, Reach
from bot.domain.question import Question
from bot.render.kinds import cost
from bot.render.labels import about, dimension, listed, period, sentence_case, source, value
from bot.render.numbers import money, share
from bot.render.slack.cells import CellAmount, money_cell, name_cell
from bot.render.slack.tables import MOST_ROWS, Rows, header

_SPOKEN = 3
_LABEL = 80
_COLUMNS = {"coverage": ("Covered", "At on-demand prices"), "utilization": ("Used", "Unused")}
"""Column titles by measure: how much, and the money beside it."""


def summary(question: Question, answer: CommitmentsAnswer) -> str:
    """``Savings Plans, October 2026: 26% of eligible usage is covered ($10,339 is at on-demand prices) and 91% …``."""
    if not answer.lines:
        return _nothing(question, answer)
    spoken = [_sentence(line) for line in answer.lines[:_SPOKEN]]
    more = len(answer.lines) - _SPOKEN
    rest = f" {more} more {'is' if more == 1 else 'are'} in the table." if more > 0 else ""
    return f"{' '.join(spoken)}{rest}"


def _nothing(question: Question, answer: CommitmentsAnswer) -> str:
    if answer.without:
        names = listed([source(name) for name in answer.without], most=6)
        return f"No commitments {about(question, nothing=f'on {names}')}."
    if answer.gaps:
        names = listed(list(dict.fromkeys(source(gap.source) for gap in answer.gaps)), most=6)
        return f"Commitment coverage and utilization aren't available for {names}."
    return cost.no_data(question, CostAnswer(gaps=answer.gaps))


def _sentence(line: CommitmentLine) -> str:
    parts = []
    if (found := line.coverage) and found.whole:
        left = f" ({money(found.open_cost, line.currency)} is at on-demand prices)" if found.open_cost else ""
        parts.append(f"{share(found.part, found.whole)} of eligible usage is covered{left}")
    if (found := line.utilization) and found.whole:
        unused = f" ({money(found.open_cost, line.currency)} is unused)" if found.open_cost else ""
        parts.append(f"{share(found.part, found.whole)} of the commitment is used{unused}")
    days = next(found.days for found in (line.coverage, line.utilization) if found)
    return f"{name(line)}, {period(days)}: {' and '.join(parts)}."


def name(line: CommitmentLine) -> str:
    """What a line is of: ``Savings Plans (production)``, ``Reservations · Amazon ElastiCache``."""
    program = " · ".join(filter(None, (line.program, line.service)))
    values = ", ".join(value(text, at) for at, text in line.key.items() if text != line.service)
    return f"{program} ({values})" if values else program


def table(_question: Question, answer: CommitmentsAnswer) -> tuple[str, Rows]:
    """A row a program and value of the breakdown, with the money beside coverage and utilization."""
    lines = answer.lines[:MOST_ROWS]
    if not lines:
        return "", []
    several = len({line.source for line in lines}) > 1
    dimensions = list(lines[0].key)
    head = [*(["Source"] if several else []), "Commitment", *(sentence_case(dimension(at)) for at in dimensions)]
    measures = [at for at in _COLUMNS if any(getattr(line, at) for line in lines)]
    rows = [header(*head, *(title for at in measures for title in _COLUMNS[at]))]
    for line in lines:
        cells = [name_cell(source(line.source))] if several else []
        cells.append(name_cell(" · ".join(filter(None, (line.program, line.service)))))
        cells += [text_cell(cut(value(line.key[at], at), _LABEL)) for at in dimensions]
        rows.append([*cells, *(cell for at in measures for cell in _cells(getattr(line, at), line.currency))])
    return "Commitments", rows


def _cells(found: Reach | None, currency: str) -> list[Block]:
    """How much, and the money beside it."""
    if found is None or found.ratio is None:
        return [text_cell("–"), text_cell("–")]
    return [
        number_cell(float(found.ratio), share(found.part, found.whole)),
        money_cell(CellAmount(found.open_cost, currency)),
    ]
