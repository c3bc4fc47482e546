"""Answers of the kind ``recommendations``: what vendors recommend, never anything of our own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from bot.answering.dispatch import AnswerRequest
from bot.answering.vendor_reports import PROVIDER, account_names, narrowing, passes
from bot.domain.answers.commitments import RecommendationsAnswer, RecommendedItem, RecommendedTotal
from bot.domain.answers.gaps import Gap, NotReportedBy, OnlyVendorKnows
from bot.domain.answers.notes import Note, ReportedByVendor
from bot.domain.commitments import RECOMMENDATIONS, Action, Recommendation
from bot.domain.money import total
from bot.domain.scope import Scope
from bot.ledger.kv_store import notes_of

_NONE = frozenset({"OpenAI", "Anthropic"})
"""Vendors that recommend nothing."""
_REPORTED = frozenset({"SubAccountId", "SubAccountName", "ServiceName", "RegionId", "ResourceId"})
"""Dimensions that a recommendation has a value for, tags aside."""


def answer(request: AnswerRequest) -> RecommendationsAnswer:
    """Every recommendation that passes the filters, with what all of them save."""
    question, reader = request.question, request.reader
    items: list[RecommendedItem] = []
    gaps: list[Gap] = []
    notes: list[Note] = []
    overlaps: dict[str, Decimal] = defaultdict(Decimal)
    reported = {}
    touched = reader.touched(question)
    for source, vendor in touched.items():
        if vendor in _NONE:
            continue
        report = request.ledger.vendor_reports.recommendations(source)
        why = next((note for note in notes_of(request.ledger.memory, source) if note.feed == RECOMMENDATIONS), None)
        if report is None or report.reported is None:
            cause = OnlyVendorKnows("recommendations", vendor, why.message if why else "", why.hint if why else "")
            gaps.append(Gap(source, cause))
            continue
        narrowed = reader.within(Scope(sources=(source,)))
        filters = narrowing(question, narrowed)
        unknown = sorted({part.dimension for part in filters if not _is_reported(part.dimension)})
        if unknown:
            gaps.append(Gap(source, NotReportedBy("recommendations", vendor, tuple(unknown))))
            continue
        names = account_names(request.ledger, source)
        found = [item for item in report.recommendations if passes(_values(item, names), filters)]
        items += [RecommendedItem(source, item, names.get(item.account, item.account)) for item in found]
        if not filters:
            for currency, together in report.together.items():
                sums = total([item.savings for item in found if item.currency == currency])
                overlaps[currency] += max(Decimal(0), sums - together)
        reported[source] = report.reported
        notes.append(ReportedByVendor(vendor, report.reported))
    items.sort(key=lambda found: (-found.item.savings, found.source, found.item.id))
    return RecommendationsAnswer(
        items=tuple(items),
        totals=tuple(_totals([entry.item for entry in items], overlaps)),
        reported=reported,
        as_of=tuple(fresh for fresh in reader.freshness() if fresh.source in touched),
        gaps=(*gaps, *reader.silent(question.where)),
        notes=tuple(notes),
    )


def _is_reported(dimension: str) -> bool:
    return dimension in _REPORTED or dimension.startswith("Tags/")


def _values(item: Recommendation, names: Mapping[str, str]) -> dict[str, str]:
    return {
        PROVIDER: "",
        "SubAccountId": item.account,
        "SubAccountName": names.get(item.account, item.account),
        "ServiceName": item.service,
        "RegionId": item.region,
        "ResourceId": item.resource,
        **{f"Tags/{key}": value for key, value in item.tags.items()},
    }


def _totals(items: Sequence[Recommendation], overlaps: Mapping[str, Decimal]) -> Iterator[RecommendedTotal]:
    by_currency: dict[str, dict[Action, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        by_currency[item.currency][item.kind].append(item.savings)
    for currency, kinds in sorted(by_currency.items()):
        sums = {kind: (len(savings), total(savings)) for kind, savings in kinds.items()}
        overlap = overlaps.get(currency, Decimal(0))
        amount = total([saved for _, saved in sums.values()]) - overlap
        yield RecommendedTotal(currency, amount, overlap, sums)
