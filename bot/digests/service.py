"""Digests: a digest is a question with a clock. What is due, what it says, and that it is said once.

The clock asks ``tick``; the claim in the ledger decides which replica posts; ``compose`` finds the words; whoever is
handed in as ``Poster`` draws and posts them.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import uuid4
from zoneinfo import ZoneInfo

from bot.answering.ports import Answers
from bot.blockkit.build import Message
from bot.coordination import exactly_once
from bot.coordination.store import ValueStore
from bot.digests import period
from bot.digests.builder import INVOICES, build, late
from bot.digests.content import DigestContent, DigestContext
from bot.digests.model import Digest, DigestScope, day_of, declared, names
from bot.digests.scope import resolved
from bot.domain.errors import CostError, Misconfigured, NotUnderstood
from bot.domain.scope import EVERYTHING, Scope

__all__ = [
    "Digest",
    "DigestContent",
    "DigestListItem",
    "DigestScope",
    "Digests",
    "PublishesDigests",
    "RunResult",
    "declared",
]

log = logging.getLogger(__name__)
KIND, MADE, STATE, EXTRA = "digest_said", "digest", "digest_state", "digest_extra"
CANVAS = "digest_canvas"
"""The canvas that a digest keeps: its id."""
EVENT = "spend_digest"
LATE = timedelta(hours=12)
"""How late a run is made up."""
State = Literal["posted", "already", "under way", "waiting", "failed", "composed"]


class PublishesDigests(Protocol):
    """Draws and posts digests, and tells their owners what went wrong."""

    def scope(self, digest: Digest) -> Scope:
        """What whoever reads the digest may see.

        Raises:
            AccessDenied: nothing.
            Unavailable: nobody can tell.
        """

    def draw(self, content: DigestContent) -> Sequence[Message]:
        """The messages: the first for the channel, the others for its thread."""

    def sink(self, digest: Digest, event: str) -> exactly_once.MessageSink[Message]:
        """Where it is posted, its messages stamped as this event.

        Raises:
            once.NotSaid: there is no such place.
        """

    def keep_canvas(self, digest: Digest, content: DigestContent, canvas: str) -> str:
        """Writes the content into the digest's canvas, ``""`` where it has none yet; the id of the canvas.

        Raises:
            DeliveryFailed: Slack does not let this app.
        """

    def notify_owner(self, digest: Digest, what: str) -> None:
        """Tells the owner, once for the same words, that the digest did not come and what to do."""


@dataclass(frozen=True)
class RunResult:
    """What came of a run."""

    digest: Digest
    period: str
    state: State
    content: DigestContent | None = None
    why: str = ""
    ts: str = ""


@dataclass(frozen=True)
class DigestListItem:
    """A digest in a list: when it comes next, and how the last one went."""

    digest: Digest
    next_run: datetime | None
    last: tuple[str, Mapping[str, Any]] | None
    """Its newest period, and what became of it."""


class Digests:
    """All digests, those of the file and those made in Slack. One object serves all threads."""

    def __init__(  # noqa: PLR0913 - what the composition root hands in
        self,
        answers: Answers,
        memory: ValueStore,
        *,
        clock: Callable[[], datetime],
        zone: ZoneInfo,
        file: Sequence[Digest] = (),
        publisher: PublishesDigests | None = None,
        week_start: int = 0,
        pace: exactly_once.Pace = exactly_once.USUAL_PACE,
    ) -> None:
        self.publisher = publisher
        self.zone = zone
        self.apart = False
        """Whether there are several workspaces: those of the file that name none are then nobody's."""
        self._answers, self._memory, self._clock = answers, memory, clock
        self._file, self._week_start, self._pace = tuple(file), week_start, pace

    # --- which there are --------------------------------------------------------------------------------------

    def all(self, team: str | None = None) -> list[Digest]:
        """Every digest; with ``team`` those of that workspace."""
        states = self._memory.all(STATE)
        found = [_as_left(digest, states.get(digest.key)) for digest in self._file if self._of(digest, team)]
        prefix = "" if team is None else f"{team}:"
        return found + [Digest.model_validate(stored) for stored in self._memory.all(MADE, prefix).values()]

    def _of(self, digest: Digest, team: str | None) -> bool:
        return not team or digest.team == team or (not digest.team and not self.apart)

    def find(self, name: str, team: str | None = None, *, among: Sequence[Digest] | None = None) -> Digest:
        """The digest of that name; ``among`` those that whoever asks may know of.

        Raises:
            NotUnderstood: there is none.
        """
        found = self.all(team) if among is None else among
        for digest in (*(digest for digest in found if digest.handle == name), *found):
            if name in {digest.handle, digest.name} or digest.name.casefold() == name.strip().casefold():
                return digest
        hint = f"Available: {names(found)}." if found else "Create one in Slack or in digests.toml."
        raise NotUnderstood(f"There is no digest called {name!r}.", hint, unknown=(name,))

    def listing(self, team: str | None = None) -> list[DigestListItem]:
        """Every digest with its next run and its last post."""
        now = self._clock()
        return [self.listed(digest, now) for digest in self.all(team)]

    def listed(self, digest: Digest, now: datetime | None = None) -> DigestListItem:
        """A digest with its next run and its last post."""
        return DigestListItem(digest, digest.next_run(self.zone, now or self._clock()), self._last(digest))

    def history(self, digest: Digest) -> list[tuple[str, Mapping[str, Any]]]:
        """What became of each period, newest first."""
        found = self._memory.all(KIND, f"{digest.key}:")
        return [(key.removeprefix(f"{digest.key}:"), found[key]) for key in sorted(found, reverse=True)]

    def now(self) -> datetime:
        """The present."""
        return self._clock()

    # --- changing them ----------------------------------------------------------------------------------------

    def save(self, digest: Digest, *, replaces: str = "") -> Digest:
        """Stores a digest made in Slack, in place of the one whose handle is ``replaces``; as it is stored.

        Another one of its name (that its maker is not told of, else it was refused) stays as it is.
        """
        kept = digest.model_copy(update={"since": digest.since or self._clock(), "origin": "slack"})
        before = f"{digest.team}:{replaces}"
        taken = {other.key.partition(":")[2] for other in self.all(digest.team)} - {replaces}
        if kept.handle in taken:
            kept = kept.model_copy(update={"id": uuid4().hex[:8]})
        if replaces and before != kept.key:
            self._memory.forget(MADE, before)
        self._memory.put(MADE, kept.key, kept.model_dump(mode="json"))
        return kept

    def pause(self, digest: Digest, *, paused: bool = True) -> None:
        """Stops a digest, or lets it run again from now on."""
        now = self._clock()
        if digest.origin == "file":
            declared_paused = next(declared.paused for declared in self._file if declared.key == digest.key)
            state = {"paused": paused, "since": now.isoformat(), "declared": declared_paused}
            self._memory.put(STATE, digest.key, state)
        else:
            changed = digest.model_copy(update={"paused": paused, "since": now})
            self._memory.put(MADE, digest.key, changed.model_dump(mode="json"))

    def delete(self, digest: Digest) -> None:
        """Lets go of a digest made in Slack.

        Raises:
            Misconfigured: it stands in the file.
        """
        if digest.origin == "file":
            raise Misconfigured(f"{digest.name} is declared in digests.toml.", "Delete it there, or pause it here.")
        self._memory.forget(MADE, digest.key)

    def forget_before(self, day: date) -> int:
        """Forgets what became of periods before a day; how many."""
        old = [key for key in self._memory.all(KIND) if _day(key) < day]
        for key in old:
            self._memory.forget(KIND, key)
        return len(old)

    def erase(self, team: str) -> None:
        """Forgets everything of a workspace: its digests, and what became of them."""
        declared = [digest.key for digest in self._file if self._of(digest, team)]
        for kind in (MADE, STATE, KIND, EXTRA, CANVAS):
            for key in self._memory.all(kind):
                if key in declared or key.startswith((f"{team}:", *(f"{key_prefix}:" for key_prefix in declared))):
                    self._memory.forget(kind, key)

    # --- running them -----------------------------------------------------------------------------------------

    def tick(self) -> list[RunResult]:
        """Runs everything that is due; one that fails costs no other."""
        done = []
        for digest in self.all():
            try:
                ran = self._due(digest)
            except Exception:
                log.exception("digest %s failed", digest.name)
                continue
            done += [ran] if ran and ran.state != "under way" else []
        return done

    def run(self, name: str, *, dry_run: bool = False, again: bool = False, team: str | None = None) -> RunResult:
        """Runs one digest now, waiting for nothing: composed only (``dry_run``), or posted once for its period.

        ``again`` posts it however often it was posted.

        Raises:
            NotUnderstood: there is none of that name.
            CostError: it could not be composed.
        """
        digest, now = self.find(name, team), self._clock()
        period = digest.period(self.zone, self._latest(digest, now) or now)
        if dry_run:
            return RunResult(digest, period, "composed", self.compose(digest, period, now))
        if again:
            return self._extra(digest, period, now)
        return self._post(digest, period, now, retry=True)

    def test(self, digest: Digest, channel: str) -> RunResult:
        """Posts a digest as it would be now, to ``channel``, counting as none."""
        now = self._clock()
        return self._extra(digest.model_copy(update={"channel": channel}), digest.period(self.zone, now), now)

    def compose(self, digest: Digest, period: str, now: datetime) -> DigestContent:
        """What the digest says for a period.

        Raises:
            AccessDenied: whoever reads it may see nothing.
            CostError: it could not be composed.
        """
        context, unknown = self._context(digest, now)
        before = self._before(digest, period)
        skipped = [day_of(name) for name in self._skipped(digest, period, before, now)]
        posted = [
            record.get("said") or {} for name, record in self.history(digest) if name < period and record.get("ts")
        ]
        return build(
            digest,
            period,
            context,
            before=before and before.get("said"),
            skipped=skipped,
            unknown=unknown,
            announced={invoice for earlier in posted for invoice in earlier.get(INVOICES, ())},
        )

    def _context(self, digest: Digest, now: datetime) -> tuple[DigestContext, list[str]]:
        seen = self.publisher.scope(digest) if self.publisher else EVERYTHING
        scope, unknown = resolved(digest.scope, self._answers, seen)
        day = period.today(now, digest.zone(self.zone))
        return DigestContext(self._answers, scope, period.times(digest.every, day, self._week_start)), unknown

    def _due(self, digest: Digest) -> RunResult | None:
        now = self._clock()
        run = self._latest(digest, now)
        if digest.paused or run is None:
            return None
        period = digest.period(self.zone, run)
        if exactly_once.settled(self._memory.get(KIND, f"{digest.key}:{period}")):
            return None
        if now < digest.deadline(self.zone, run) and late(digest, self._context(digest, now)[0]):
            return RunResult(digest, period, "waiting")
        return self._post(digest, period, run)

    def _latest(self, digest: Digest, now: datetime) -> datetime | None:
        """The newest run that is due and not too late."""
        start = max(now - LATE - timedelta(seconds=1), digest.since or now - LATE - timedelta(seconds=1))
        runs = deque(digest.schedule.runs(digest.zone(self.zone), start, now), maxlen=1)
        return runs[0] if runs else None

    def _post(self, digest: Digest, period: str, run: datetime, *, retry: bool = False) -> RunResult:
        key = f"{digest.key}:{period}"
        claim = exactly_once.take(self._memory, KIND, key, lasts=self._pace.lasts, retry=retry)
        if claim is None:
            found = self._memory.get(KIND, key) or {}
            return RunResult(
                digest, period, "already" if exactly_once.settled(found) else "under way", ts=str(found.get("ts", ""))
            )
        with claim:
            return self._say(claim, digest, period, run, {"digest": digest.name, "period": period})

    def _extra(self, digest: Digest, period: str, now: datetime) -> RunResult:
        copy = uuid4().hex[:8]
        claim = exactly_once.take(self._memory, EXTRA, f"{digest.key}:{period}:{copy}", lasts=self._pace.lasts)
        if claim is None:
            raise exactly_once.Lost(copy)  # nobody else knows the key
        with claim:
            return self._say(claim, digest, period, now, {"digest": digest.name, "period": period, "copy": copy})

    def _say(
        self, claim: exactly_once.Claim, digest: Digest, period: str, run: datetime, stamp: Mapping[str, Any]
    ) -> RunResult:
        if self.publisher is None:
            raise Misconfigured("Slack is not set up.", "Set SLACK_BOT_TOKEN, or use --dry-run.")
        try:
            content = self.compose(digest, period, self._clock())
            posting = exactly_once.Posting(self.publisher.sink(digest, EVENT), stamp, self._pace.settle)
            messages, posted = self.publisher.draw(content), dict(content.posted_totals)
            ts = exactly_once.say(claim, posting, messages, run=run.isoformat(), channel=digest.channel, said=posted)
            self._keep_canvas(self.publisher, digest, content)
        except exactly_once.Lost:
            return RunResult(digest, period, "under way")
        except CostError as error:
            return self._failed(claim, digest, period, str(error))
        except exactly_once.DeliveryFailed as error:
            return self._failed(claim, digest, period, error.remedy)
        return RunResult(digest, period, "posted", content, ts=ts)

    def _keep_canvas(self, publisher: PublishesDigests, digest: Digest, content: DigestContent) -> None:
        """Renews the digest's canvas, if it keeps one; where Slack refuses, the owner is told and the post stands."""
        if not digest.canvas:
            return
        known = str((self._memory.get(CANVAS, digest.key) or {}).get("id") or "")
        try:
            canvas = publisher.keep_canvas(digest, content, known)
        except exactly_once.DeliveryFailed as error:
            log.warning("digest %s: its canvas was not written: %s", digest.name, error.reason)
            publisher.notify_owner(digest, f"Its canvas was not written. {error.remedy}")
            return
        if canvas != known:
            self._memory.put(CANVAS, digest.key, {"id": canvas})

    def _failed(self, claim: exactly_once.Claim, digest: Digest, period: str, why: str) -> RunResult:
        log.error("digest %s for %s was not posted: %s", digest.name, period, why)
        claim.fail(why)
        if self.publisher:
            self.publisher.notify_owner(digest, why)
        return RunResult(digest, period, "failed", why=why)

    # --- what went before -------------------------------------------------------------------------------------

    def _last(self, digest: Digest) -> tuple[str, Mapping[str, Any]] | None:
        return next(iter(self.history(digest)), None)

    def _before(self, digest: Digest, period: str) -> Mapping[str, Any] | None:
        """What became of the newest earlier period that was posted."""
        earlier = (record for name, record in self.history(digest) if name < period and record.get("ts"))
        return next(earlier, None)

    def _skipped(self, digest: Digest, period: str, before: Mapping[str, Any] | None, now: datetime) -> Iterator[str]:
        """The periods between the last post and this one that have none."""
        if not before or not before.get("run") or digest.schedule.dense:
            return
        start = max(datetime.fromisoformat(before["run"]), digest.since or now - timedelta(days=3650))
        done = {name for name, record in self.history(digest) if record.get("ts")}
        for run in digest.schedule.runs(digest.zone(self.zone), start, now):
            name = digest.period(self.zone, run)
            if name < period and name not in done:
                done.add(name)
                yield name


def _as_left(digest: Digest, state: Mapping[str, Any] | None) -> Digest:
    """A digest of the file as it was left in Slack, unless the file has changed its mind since."""
    if not state or state.get("declared") != digest.paused:
        return digest
    since = datetime.fromisoformat(state["since"])
    return digest.model_copy(update={"paused": state["paused"], "since": since})


def _day(key: str) -> date:
    try:
        return day_of(key.split(":", 2)[2])
    except (ValueError, IndexError):
        return date.max
