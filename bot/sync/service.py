"""Providers → ledger: the only place that schedules pulls, tries again, and spends money on requests.

Sources are pulled side by side; one that fails leaves the others alone. Within a source, feeds are pulled one after
the other, coarsest first. What has landed stays, whatever fails later.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

import structlog

from bot.coordination.lease import Busy, held
from bot.domain.errors import AccessDenied, CeilingReached, CostError, Misconfigured, RequestRefused
from bot.domain.feed import Feed, Freshness
from bot.domain.money import plain
from bot.domain.note import Note
from bot.domain.period import DAY, Period
from bot.ledger import Ledger
from bot.ledger.kv_store import ADVICE, INVOICED
from bot.ledger.notes import keep_notes, notes_of
from bot.providers import Advising, HasNotes, Invoicing, Meter, Provider
from bot.sync import invoices
from bot.sync.pull import Patience, Pull, due, patiently
from bot.sync.report import FeedReport, OnProgress, Progress, Report, SourceReport, told
from bot.sync.request_budget import Purse, SourceMeter, Stopped

__all__ = ["FeedReport", "Open", "Patience", "Progress", "Report", "SourceReport", "sync"]

Open = Callable[[Meter], Provider]
"""Opens a provider with the credentials of this moment; called anew for every sync, so that new keys are taken up."""

AGREE = Decimal("1e-6")
"""Daily totals of two feeds that differ by no more agree."""
STATE, WARNING, REFUSED = "sync", "warning", "refused"
"""Kinds of memory: the last outcome a source; feeds that disagree; since when a key is refused."""
ADVISED, LOOKED = "advised", "looked"
"""Kinds of memory: what a vendor itself says (key ``source/kind/name``); when it was last asked for that, and for
which feeds there are."""
_WAIT = 300.0
_DAILY = timedelta(hours=20)


@dataclass(frozen=True)
class _Run:
    """What all sources of one sync share."""

    ledger: Ledger
    now: Callable[[], datetime]
    purse: Purse
    since: date | None = None
    by_hand: bool = True
    progress: OnProgress = field(default=lambda _: None)
    patience: Patience = field(default_factory=Patience)
    wait: float = _WAIT


def sync(  # noqa: PLR0913 - what a sync may be told
    sources: Mapping[str, Open],
    ledger: Ledger,
    *,
    now: Callable[[], datetime],
    since: date | None = None,
    ceiling: Decimal | None = None,
    by_hand: bool = True,
    progress: OnProgress | None = None,
    patience: Patience | None = None,
    wait: float = _WAIT,
    stop: threading.Event | None = None,
) -> Report:
    """Makes the ledger agree with every source.

    Args:
        sources: by name, what opens each.
        ledger: where it lands.
        now: the present instant, aware, in UTC.
        since: pull from this day on, even if it is known already.
        ceiling: USD that requests may cost in a calendar month; None for no ceiling.
        by_hand: always pull; False skips what was pulled recently enough.
        progress: called from several threads.
        patience: how often an unavailable vendor is asked again.
        wait: seconds to wait for another sync of the same source.
        stop: when set, no further request is made.

    Returns:
        what was done; it never raises for what one source did.
    """
    halt = stop or threading.Event()
    run = _Run(
        ledger,
        now,
        Purse(ledger, ceiling, now, halt),
        since,
        by_hand,
        progress or (lambda _: None),
        patience or Patience(),
        wait,
    )
    with ThreadPoolExecutor(max_workers=max(1, len(sources)), thread_name_prefix="sync") as pool:
        waiting = [pool.submit(_one, run, name, opens) for name, opens in sources.items()]
        try:
            return Report([each.result() for each in waiting])
        except BaseException:
            halt.set()
            raise


def _one(run: _Run, name: str, opens: Open) -> SourceReport:
    """One source under its lease; whatever happens is in its report."""
    report = SourceReport(name)
    meter = SourceMeter(name, run.purse)
    try:
        with held(run.ledger.memory, name, patience=run.wait):
            _pull_all(run, opens(meter), report)
    except Busy as error:
        report.status, report.error = "busy", told(error)
        return report
    except Stopped:
        report.status = "failed"
        report.error = {"type": "Stopped", "message": "The sync was stopped.", "hint": "What had landed stays."}
    except CeilingReached as error:
        report.status, report.error = "ceiling", told(error)
    except CostError as error:
        report.status, report.error = "failed", told(_since_when(run, name, error))
    except Exception as error:  # noqa: BLE001 - one source's bug leaves the others alone
        structlog.get_logger("spend.sync").exception("sync failed", source=name)
        report.status, report.error = "failed", told(error)
    report.requests, report.cost = meter.requests, meter.cost
    report.notes = [f"{note.sentence(name)} {note.hint}".rstrip() for note in notes_of(run.ledger.memory, name)]
    _remember(run, report)
    return report


def _pull_all(run: _Run, provider: Provider, report: SourceReport) -> None:
    """Every feed; the first must land. Of a later one, a refusal leaves a note and other failures a warning."""
    known = None if run.by_hand else _known_due(run, provider)
    feeds = _feeds(run, provider) if known is None else known
    landed: list[tuple[Feed, Period]] = []
    missing: dict[str, list[str]] = defaultdict(list)
    refused: list[Note] = []
    for feed in feeds:
        pull = Pull(provider, run.ledger, feed, run.now, run.progress, run.patience, whole_window=run.by_hand)
        try:
            done, left_out = pull.run(run.since)
        except CostError as error:
            if feed is feeds[0] or isinstance(error, CeilingReached):
                raise
            if isinstance(error, _REFUSALS):
                columns = feed.grain - feeds[0].grain
                refused.append(Note(feed.name, error.message, error.hint, feed.name, columns))
                continue
            report.status = "partial"
            report.error = report.error or told(error)
            report.warnings.append(f"{feed.name}: {error}")
            continue
        report.feeds.append(done)
        for words in left_out:
            missing[words].append(feed.name)
        landed.append((feed, done.days))
        if feed is feeds[0]:
            _freshen(run, provider, feed)
    _note(run, provider, refused, {feed.name for feed in feeds} | ({""} if known is None else set()))
    if not feeds:
        return
    report.warnings += [f"{words} ({', '.join(names)})." for words, names in missing.items()]
    report.warnings += _reconcile(run, landed)
    _advise(run, provider)
    if isinstance(provider, Invoicing) and not _lately(run, INVOICED, provider.source):
        invoices.keep(provider, feeds[0], run.ledger, run.now())
    if known is None and report.status == "ok":
        run.ledger.memory.put(LOOKED, provider.source, {"at": run.now().isoformat()})
    run.ledger.memory.forget(REFUSED, report.source)


_REFUSALS = (AccessDenied, Misconfigured, RequestRefused)
"""What of a view beside the bill is no failure of the sync: it is not allowed, not enabled, or not offered."""


def _note(run: _Run, provider: Provider, refused: Sequence[Note], pulled: set[str]) -> None:
    """Keeps what optional views could not bring, in place of what was known of the feeds pulled."""
    told = provider.notes() if isinstance(provider, HasNotes) else ()
    keep_notes(run.ledger.memory, provider.source, [*told, *refused], pulled, run.now())


def _feeds(run: _Run, provider: Provider) -> list[Feed]:
    """The bill, and the views beside it; on the clock those that are due."""
    bill, *views = patiently(run.patience, provider.feeds)
    return [bill, *(feed for feed in views if run.by_hand or _is_due(run, provider, feed))]


def _known_due(run: _Run, provider: Provider) -> list[Feed] | None:
    """Of the feeds in the ledger, what is due: the bill or nothing. None where a view is, or may be found.

    Which views there are is asked anew once a day only, since asking may cost requests.
    """
    known = [feed for feed in run.ledger.feeds() if feed.source == provider.source]
    views_due = any(_is_due(run, provider, feed) for feed in known[1:])
    if not known or views_due or not _lately(run, LOOKED, provider.source):
        return None
    return [feed for feed in known[:1] if _is_due(run, provider, feed)]


def _is_due(run: _Run, provider: Provider, feed: Feed) -> bool:
    return due(run.ledger, feed, provider.horizon(feed, run.now()), run.now())


def _lately(run: _Run, kind: str, source: str) -> bool:
    """Whether something that is done once a day has been."""
    last = run.ledger.memory.get(kind, source)
    return last is not None and run.now() - datetime.fromisoformat(last["at"]) < _DAILY


def _freshen(run: _Run, provider: Provider, feed: Feed) -> None:
    """Notes how current the source is; a pull that told of nothing leaves what was known of it."""
    horizon = provider.horizon(feed, run.now())
    known = {each.source: each for each in run.ledger.freshness()}.get(feed.source)
    through = provider.data_through(feed) or (known.data_through if known else None)
    run.ledger.fresh(
        Freshness(
            source=feed.source,
            synced=run.now(),
            data_through=through,
            final_through=horizon.moving - DAY,
        )
    )


def _reconcile(run: _Run, landed: Sequence[tuple[Feed, Period]]) -> list[str]:
    """Compares each feed's days with the bill's, as far as both were just pulled and the day is over."""
    if not landed:
        return []
    (bill, days), *others = landed
    warnings = []
    for feed, pulled in others:
        both = days.meet(pulled)
        both = both and both.meet(Period(start=date.min, end=run.now().date()))
        if both is None:
            continue
        apart = _apart(run.ledger.daily(bill, both), run.ledger.daily(feed, both))
        _warn(run, feed, both, apart)
        if apart:
            (day, currency), (there, here) = min(apart.items())
            warnings.append(
                f"{feed.name} disagrees with {bill.name} on {len({day for day, _ in apart})} days: "
                f"on {day} it comes to {plain(here)} {currency}, and there to {plain(there)}."
            )
    return warnings


_Daily = Mapping[tuple[date, str], Decimal]


def _apart(bill: _Daily, feed: _Daily) -> dict[tuple[date, str], tuple[Decimal, Decimal]]:
    """Days (and currencies) on which two feeds of a source differ, with both totals."""
    zero = Decimal(0)
    both = {key: (bill.get(key, zero), feed.get(key, zero)) for key in {*bill, *feed}}
    return {key: (there, here) for key, (there, here) in both.items() if abs(there - here) > AGREE}


def _warn(run: _Run, feed: Feed, days: Period, apart: Mapping[tuple[date, str], tuple[Decimal, Decimal]]) -> None:
    """Remembers on which days the feed disagrees: those just compared in place of what was known of them."""
    key = f"{feed.source}/{feed.name}"
    known = (run.ledger.memory.get(WARNING, key) or {}).get("days", [])
    outside = [each for each in known if date.fromisoformat(each["day"]) not in days]
    inside = [
        {"day": str(day), "currency": currency, "bill": plain(there), "feed": plain(here)}
        for (day, currency), (there, here) in sorted(apart.items())
    ]
    if outside or inside:
        run.ledger.memory.put(WARNING, key, {"days": sorted(outside + inside, key=lambda each: each["day"])})
    else:
        run.ledger.memory.forget(WARNING, key)


def _advise(run: _Run, provider: Provider) -> None:
    """Keeps what the vendor itself says, asked for once a day at most; it is no part of the bill.

    What it does not answer just now stays as it was told last.
    """
    if _lately(run, ADVISED, provider.source) or not isinstance(provider, Advising):
        return
    at = run.now().isoformat()
    try:
        told = {f"{provider.source}/{each.kind}/{each.name}": each for each in provider.advice()}
    except CostError:
        return  # nothing depends on it; the next day asks again
    answered = {each.name for each in told.values() if each.kind == "asked" and not each.told["message"]}
    for key, known in run.ledger.memory.all(ADVICE, f"{provider.source}/").items():
        if key not in told and known["kind"] in {"asked", *answered}:
            run.ledger.memory.forget(ADVICE, key)
    for key, each in told.items():
        value = {**each.told, "source": provider.source, "kind": each.kind, "name": each.name, "at": at}
        run.ledger.memory.put(ADVICE, key, value)
    run.ledger.memory.put(ADVISED, provider.source, {"at": at})


def _since_when(run: _Run, name: str, error: CostError) -> CostError:
    """A refusal says since when, if it is not the first in a row."""
    if not isinstance(error, AccessDenied):
        return error
    now = run.now().isoformat()
    if run.ledger.memory.claim(REFUSED, name, {"since": now}):
        return error
    since = datetime.fromisoformat((run.ledger.memory.get(REFUSED, name) or {"since": now})["since"])
    return AccessDenied(f"{error.message} It is so since {since:%d %b %Y, %H:%M} UTC.", error.hint)


def _remember(run: _Run, report: SourceReport) -> None:
    """Keeps the outcome, for answers and for doctor."""
    outcome = {
        "at": run.now().isoformat(),
        "status": report.status,
        "error": report.error,
        "warnings": report.warnings,
    }
    run.ledger.memory.put(STATE, report.source, outcome)
