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
from datetime import date, datetime
from decimal import Decimal

import structlog

from bot.coordination.lease import Busy, held
from bot.domain.errors import AccessDenied, CeilingReached, CostError, Misconfigured, RequestRefused
from bot.domain.feed import Feed, Freshness, Note
from bot.domain.money import plain
from bot.domain.period import DAY, Period
from bot.ledger import Ledger
from bot.ledger.kv_store import ADVICE, INVOICED, keep_notes, notes_of
from bot.ledger.month_plan import month_plan
from bot.providers import Advising, HasNotes, Invoicing, Meter, Provider
from bot.sync import invoices
from bot.sync.deliveries import TakesDeliveries, deliver
from bot.sync.plan import add_spent
from bot.sync.pull import Patience, Pull, patiently, pulled
from bot.sync.report import FeedReport, OnProgress, Progress, Report, SourceReport, as_json
from bot.sync.request_budget import RequestBudget, SourceMeter, Stopped
from bot.sync.selection import EXTENDED, INSIGHTS, LOOKED, PullTurn, Selection, by_hand, lately, on_the_clock, plan_of
from bot.sync.vendor_reports import keep_commitments, keep_recommendations
from bot.tracing import span

__all__ = ["FeedReport", "Open", "Patience", "Progress", "Report", "SourceReport", "sync"]

Open = Callable[[Meter], Provider]
"""Opens a provider with the credentials of this moment; called anew for every sync, so that new keys are taken up."""

AGREE = Decimal("1e-6")
"""Daily totals of two feeds that differ by no more agree."""
STATE, WARNING, REFUSED = "sync", "warning", "refused"
"""Kinds of memory: the last outcome a source; feeds that disagree; since when a key is refused."""
ADVISED = "advised"
"""Kind of memory: when a vendor was last asked for what it says beside its bill."""
_WAIT = 300.0


@dataclass(frozen=True)
class _Run:
    """What all sources of one sync share."""

    ledger: Ledger
    now: Callable[[], datetime]
    budget: RequestBudget
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
        RequestBudget(ledger, ceiling, now, halt),
        since,
        by_hand,
        progress or (lambda _: None),
        patience or Patience(),
        wait,
    )
    with ThreadPoolExecutor(max_workers=max(1, len(sources)), thread_name_prefix="sync") as pool:
        waiting = [pool.submit(_one, run, name, opens) for name, opens in sources.items()]
        try:
            return Report([pull.result() for pull in waiting])
        except BaseException:
            halt.set()
            raise


def _one(run: _Run, name: str, opens: Open) -> SourceReport:
    """One source under its lease; whatever happens is in its report."""
    report = SourceReport(name)
    meter = SourceMeter(name, run.budget)
    try:
        with span("sync"), held(run.ledger.memory, name, patience=run.wait):
            provider = opens(meter)
            if isinstance(provider, TakesDeliveries):
                deliver(provider, run.ledger, run.now(), report, by_hand=run.by_hand)
            else:
                _pull_whole(run, provider, report, meter)
    except Busy as error:
        report.status, report.error = "busy", as_json(error)
        return report
    except Stopped:
        report.status = "failed"
        report.error = {"type": "Stopped", "message": "The sync was stopped.", "hint": "Charges saved so far are kept."}
    except CeilingReached as error:
        report.status, report.error = "ceiling", as_json(error)
    except CostError as error:
        report.status, report.error = "failed", as_json(_since_when(run, name, error))
    except Exception as error:  # noqa: BLE001 - one source's bug leaves the others alone
        structlog.get_logger("spend.sync").exception("sync failed", source=name)
        report.status, report.error = "failed", as_json(error)
    report.requests, report.cost = meter.requests, meter.cost
    plan = month_plan(run.ledger.memory, run.ledger.requests, run.now())
    if plan and plan.nearly_spent and report.cost:
        report.warnings.append(f"Four fifths of the ceiling for paid requests are used. {plan.sentence()}")
        structlog.get_logger("spend.sync").warning("request ceiling nearly reached", plan=plan.sentence())
    notes = (f"{note.sentence(name)} {note.hint}".rstrip() for note in notes_of(run.ledger.memory, name))
    report.notes = list(dict.fromkeys(notes))
    _remember(run, report)
    return report


def _pull_whole(run: _Run, provider: Provider, report: SourceReport, meter: SourceMeter) -> None:
    """Pulls a source, and notes what its requests cost and will cost, whatever became of them."""
    try:
        _pull_all(run, provider, report, meter)
    finally:
        _plan_ahead(run, provider, meter.cost)


def _pull_all(run: _Run, provider: Provider, report: SourceReport, meter: SourceMeter) -> None:
    """Every feed chosen; the bill must land. Of another, a refusal leaves a note and other failures a warning."""
    chosen = _select(run, provider)
    feeds = [turn.feed for turn in chosen.turns]
    landed: list[tuple[Feed, Period]] = []
    missing: dict[str, list[str]] = defaultdict(list)
    refused: list[Note] = []
    bill = next(iter(feeds), None) if chosen.looked else _bill(run, provider)
    for turn in chosen.turns:
        feed, before = turn.feed, meter.cost
        pull = _pull(run, provider, turn)
        try:
            done, left_out = pull.run(turn.since or run.since)
        except CostError as error:
            if feed == bill or isinstance(error, CeilingReached):
                raise
            if isinstance(error, _REFUSALS):
                columns = feed.grain - bill.grain if bill else feed.grain
                refused.append(Note(feed.name, error.message, error.hint, feed.name, columns))
                continue
            report.status = "partial"
            report.error = report.error or as_json(error)
            report.warnings.append(f"{feed.name}: {error}")
            continue
        pull.price(meter.cost - before)
        report.feeds.append(done)
        for words in left_out:
            missing[words].append(feed.name)
        landed.append((feed, done.days))
        if feed == bill:
            _freshen(run, provider, feed)
    report.feeds += _extended(run, provider, chosen.extend)
    _note(run, provider, refused, {feed.name for feed in feeds} | ({""} if chosen.looked else set()))
    if not feeds:
        return
    report.warnings += [f"{words} ({', '.join(names)})." for words, names in missing.items()]
    report.warnings += _reconcile(run, landed)
    _ask_beside(run, provider, bill, chosen, meter)
    if chosen.looked and report.status == "ok":
        run.ledger.memory.put(LOOKED, provider.source, {"at": run.now().isoformat()})
    run.ledger.memory.forget(REFUSED, report.source)


def _ask_beside(run: _Run, provider: Provider, bill: Feed | None, chosen: Selection, meter: SourceMeter) -> None:
    """Keeps what the vendor says beside its bill; a refusal of any of it fails nothing."""
    ledger, now = run.ledger, run.now()
    _advise(run, provider, paid=chosen.insights)
    keep_recommendations(provider, ledger, now)
    if bill and (chosen.commitments or chosen.by_account):
        keep_commitments(provider, bill, ledger, now, meter, accounts=chosen.by_account)
    if isinstance(provider, Invoicing) and bill and not lately(ledger, INVOICED, provider.source, now):
        invoices.keep(provider, bill, ledger, now)


def _select(run: _Run, provider: Provider) -> Selection:
    def find() -> Sequence[Feed]:
        return patiently(run.patience, provider.feeds)

    if run.by_hand:
        return by_hand(run.ledger, provider.source, run.now(), find)
    return on_the_clock(run.ledger, provider, run.now(), run.budget.ceiling, find)


def _bill(run: _Run, provider: Provider) -> Feed | None:
    """The source's bill as the ledger knows it."""
    return next((feed for feed in run.ledger.feeds() if feed.source == provider.source), None)


def _pull(run: _Run, provider: Provider, turn: PullTurn) -> Pull:
    return Pull(
        provider,
        run.ledger,
        turn.feed,
        run.now,
        run.progress,
        run.patience,
        whole_window=run.by_hand,
        open_days=turn.open_days,
    )


def _extended(run: _Run, provider: Provider, feeds: Sequence[Feed]) -> list[FeedReport]:
    """A further month of each of the feeds."""
    found = [_pull(run, provider, PullTurn(feed)).extend() for feed in feeds]
    if feeds:
        run.ledger.memory.put(EXTENDED, provider.source, {"at": run.now().isoformat()})
    return [kind for kind in found if kind]


def _plan_ahead(run: _Run, provider: Provider, cost: Decimal) -> None:
    """Notes what a sync on the clock has spent, and what is planned to the end of the month.

    What somebody asks for by hand is no part of the plan: it counts against the ceiling alone.
    """
    ledger, now = run.ledger, run.now()
    horizons = {feed: provider.horizon(feed, now) for feed in ledger.feeds() if feed.source == provider.source}
    if not any(horizon.open for horizon in horizons.values()):
        return
    add_spent(ledger, provider.source, Decimal(0) if run.by_hand else cost, now)
    plan = plan_of(ledger, provider.source, horizons, now, run.budget.ceiling)
    if plan:
        plan.keep()


_REFUSALS = (AccessDenied, Misconfigured, RequestRefused)
"""What of a view beside the bill is no failure of the sync: it is not allowed, not enabled, or not offered."""


def _note(run: _Run, provider: Provider, refused: Sequence[Note], pulled: set[str]) -> None:
    """Keeps what optional views could not bring, in place of what was known of the feeds pulled."""
    notes = provider.notes() if isinstance(provider, HasNotes) else ()
    keep_notes(run.ledger.memory, provider.source, [*notes, *refused], pulled, run.now())


def _freshen(run: _Run, provider: Provider, feed: Feed) -> None:
    """Notes how current the source is; a pull that told of nothing leaves what was known of it."""
    horizon, last = provider.horizon(feed, run.now()), pulled(run.ledger, feed)
    moving = min(horizon.moving, date.fromisoformat(last["moving"])) if last else horizon.moving
    known = {freshness.source: freshness for freshness in run.ledger.freshness()}.get(feed.source)
    through = provider.data_through(feed) or (known.data_through if known else None)
    run.ledger.fresh(
        Freshness(
            source=feed.source,
            synced=run.now(),
            data_through=through,
            final_through=moving - DAY,
        )
    )


def _reconcile(run: _Run, landed: Sequence[tuple[Feed, Period]]) -> list[str]:
    """Compares each feed's days with the bill's, as far as both were just pulled and the day is over."""
    if not landed:
        return []
    (bill, days), *others = landed
    warnings = []
    for feed, others_days in others:
        both = days.meet(others_days)
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
    outside = [warning for warning in known if date.fromisoformat(warning["day"]) not in days]
    inside = [
        {"day": str(day), "currency": currency, "bill": plain(there), "feed": plain(here)}
        for (day, currency), (there, here) in sorted(apart.items())
    ]
    if outside or inside:
        run.ledger.memory.put(WARNING, key, {"days": sorted(outside + inside, key=lambda warning: warning["day"])})
    else:
        run.ledger.memory.forget(WARNING, key)


def _advise(run: _Run, provider: Provider, *, paid: bool) -> None:
    """Keeps what the vendor itself says, asked for once a day at most; it is no part of the bill.

    What it does not answer just now stays as it was told last.
    """
    if lately(run.ledger, ADVISED, provider.source, run.now()) or not isinstance(provider, Advising):
        return
    at = run.now().isoformat()
    try:
        advice = provider.advice() if paid else provider.advice(paid=False)
        answers = {f"{provider.source}/{item.kind}/{item.name}": item for item in advice}
    except CostError:
        return  # nothing depends on it; the next day asks again
    answered = {item.name for item in answers.values() if item.kind == "asked" and not item.details["message"]}
    for key, known in run.ledger.memory.all(ADVICE, f"{provider.source}/").items():
        if key not in answers and known["kind"] in {"asked", *answered}:
            run.ledger.memory.forget(ADVICE, key)
    for key, item in answers.items():
        value = {**item.details, "source": provider.source, "kind": item.kind, "name": item.name, "at": at}
        run.ledger.memory.put(ADVICE, key, value)
    run.ledger.memory.put(ADVISED, provider.source, {"at": at})
    if paid:
        run.ledger.memory.put(INSIGHTS, provider.source, {"at": at})


def _since_when(run: _Run, name: str, error: CostError) -> CostError:
    """A refusal says since when, if it is not the first in a row."""
    if not isinstance(error, AccessDenied):
        return error
    now = run.now().isoformat()
    if run.ledger.memory.claim(REFUSED, name, {"since": now}):
        return error
    since = datetime.fromisoformat((run.ledger.memory.get(REFUSED, name) or {"since": now})["since"])
    return AccessDenied(f"{error.message} It has failed since {since:%d %b %Y, %H:%M} UTC.", error.hint)


def _remember(run: _Run, report: SourceReport) -> None:
    """Keeps the outcome, for answers and for doctor."""
    outcome = {
        "at": run.now().isoformat(),
        "status": report.status,
        "error": report.error,
        "warnings": report.warnings,
    }
    run.ledger.memory.put(STATE, report.source, outcome)
