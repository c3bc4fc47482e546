"""Alerts: an alert is a question with a memory. One message for a cause, updated as it grows or ends.

``tick`` asks what is unusual and what has become of budgets, within what each rule's readers may see; a new cause is
said once, whichever replica finds it; a known one updates its message. What people say of it is remembered.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from bot.alerts.model import (
    AlertRule,
    Case,
    Finding,
    anomaly_finding,
    budget_findings,
    expected,
    same_cause,
    snoozed_until,
)
from bot.alerts.ports import AlertSink, PublishesAlerts
from bot.alerts.repository import CASES, EXPECTED, LIVE, POSTED, REST, AlertRepository
from bot.answering.ports import Answers
from bot.blockkit.build import Message
from bot.coordination import exactly_once
from bot.coordination.store import ValueStore
from bot.digests import period
from bot.digests.scope import resolved
from bot.domain.answers import AnomaliesAnswer, BudgetsAnswer
from bot.domain.errors import AccessDenied, CostError, Misconfigured
from bot.domain.period import DAY, Period
from bot.domain.question import Question, Threshold

__all__ = ["AlertRule", "AlertSink", "Alerts", "Case", "Finding", "PublishesAlerts"]

log = logging.getLogger(__name__)
EVENT = "spend_alert"
_LOOKED = timedelta(days=30)
_NEWS = timedelta(days=3)
"""What ended longer ago than this is no news."""


class Alerts(AlertRepository):
    """All rules and their cases. One object serves all threads."""

    def __init__(
        self,
        answers: Answers,
        memory: ValueStore,
        *,
        clock: Callable[[], datetime],
        publisher: PublishesAlerts,
        pace: exactly_once.Pace = exactly_once.USUAL_PACE,
    ) -> None:
        super().__init__(memory)
        self._answers, self._clock, self._publisher = answers, clock, publisher
        self._pace = pace

    # --- what people say of a case ----------------------------------------------------------------------------

    def snooze(self, rule: AlertRule, case: Case, choice: str, by: str) -> Case:
        """Rests for ``1d``, ``7d`` or until the end of the ``month``; it may grow in silence."""
        until = snoozed_until(choice, self._clock(), rule.zone)
        return self._changed(rule, case, status="snoozed", until=until, by=by)

    def wake(self, rule: AlertRule, case: Case, by: str) -> Case:
        """Neither snoozed nor expected any more."""
        for subject in case.finding.subjects:
            self._memory.forget(EXPECTED, f"{rule.team}:{subject}")
        return self._changed(rule, case, status="open", until=None, by=by, note="")

    def expect(self, rule: AlertRule, case: Case, note: str, by: str) -> Case:
        """It is as it should be; the like is not told again unless it becomes twice as much."""
        judgment = {"size": str(case.finding.size), "note": note, "by": by, "at": self._clock().isoformat()}
        for subject in case.finding.subjects:
            self._memory.put(EXPECTED, f"{rule.team}:{subject}", {**judgment, "name": case.finding.name})
        return self._changed(rule, case, status="expected", until=None, by=by, note=note)

    def route(self, rule: AlertRule, case: Case, channel: str, by: str) -> Case:
        """Moves a case to another channel: said there once, and where to in its old place.

        Raises:
            AccessDenied: whoever reads that channel may not see it.
            CostError: it cannot be posted there.
        """
        seen = [finding for finding in self._findings(rule, channel) if same_cause(case, finding)]
        if not seen:
            raise AccessDenied("People in that channel may not see this cost.", "Choose another one.")
        moved = case.model_copy(update={"channel": channel, "finding": seen[0], "ts": "", "by": by, "shown": ""})
        posted = self._say(rule, moved, f"{self._key(rule, case)}@{channel}")
        if posted is None:
            raise Misconfigured("It is already there, or is being posted.", "Check that channel.")
        self._put(rule, posted)
        if case.ts:
            left = case.model_copy(update={"by": by})
            self._update(rule, case, self._publisher.draw(rule, left, moved_to=channel))
        return posted

    def test(self, rule: AlertRule, finding: Finding) -> None:
        """Posts a made-up alert where the rule's go.

        Raises:
            CostError: it cannot be posted.
        """
        case = Case(id="test", rule=rule.name, channel=rule.channel, finding=finding, opened=self._clock())
        try:
            sink = self._publisher.sink(rule, rule.channel, EVENT)
            sink.post(self._publisher.draw(rule, case), {"alert": "test", "copy": uuid4().hex[:8]})
        except exactly_once.DeliveryFailed as error:
            raise Misconfigured("The test alert could not be posted.", error.remedy) from error

    # --- watching ---------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Looks at every rule; one that fails costs no other."""
        for rule in self.rules():
            if rule.paused:
                continue
            try:
                self._watch(rule)
            except (CostError, exactly_once.DeliveryFailed) as error:
                log.warning("alerts of %s: %s", rule.name, error)
                self._publisher.notify_owner(
                    rule, error.remedy if isinstance(error, exactly_once.DeliveryFailed) else str(error)
                )
            except Exception:
                log.exception("alerts of %s failed", rule.name)

    def _watch(self, rule: AlertRule) -> None:
        cases = self.cases(rule)
        for channel in dict.fromkeys([rule.channel, *(known_case.channel for known_case in cases.values())]):
            findings = self._findings(rule, channel)
            here = [known_case for known_case in cases.values() if known_case.channel == channel]
            for case in here:
                self._follow(rule, case, findings)
            if channel == rule.channel:
                known = list(cases.values())
                fresh = [finding for finding in findings if not any(same_cause(case, finding) for case in known)]
                self._open(rule, fresh)

    def _findings(self, rule: AlertRule, channel: str) -> list[Finding]:
        """What there is, largest first, as far as whoever reads the channel may see."""
        now = self._clock()
        scope, unknown = resolved(rule.scope, self._answers, self._publisher.scope(rule, channel))
        if unknown:
            what = f"Nothing in the ledger is called {unknown[0]!r}. Check the scope of the rule."
            raise Misconfigured(what, f"Change the rule {rule.name}.")
        today = period.today(now, rule.zone)
        found: list[Finding] = []
        if "anomalies" in rule.watches:
            least = Threshold(op=">=", amount=rule.min_amount, share=rule.min_percent / 100)
            asked = Question(kind="anomalies", period=Period(start=today - _LOOKED, end=today), threshold=least)
            answer = self._answers.answer(asked, scope=scope, today=today).answer
            found += map(anomaly_finding, answer.anomalies if isinstance(answer, AnomaliesAnswer) else ())
        if "budgets" in rule.watches:
            asked = Question(kind="budgets", period=Period(start=today.replace(day=1), end=today + DAY))
            answer = self._answers.answer(asked, scope=scope, today=today).answer
            statuses = answer.budgets if isinstance(answer, BudgetsAnswer) else ()
            for status in statuses:
                spent, ahead = self._publisher.budget_sentences(status)
                found += budget_findings(status, today, spent, ahead)
        return sorted(found, key=lambda finding: (-abs(finding.change), finding.id))

    def _open(self, rule: AlertRule, findings: Iterable[Finding]) -> None:
        now = self._clock()
        if rule.quiet(now):
            return
        for finding in findings:
            late = not finding.ongoing and finding.end < (now - _NEWS).date()
            if late or not rule.tells(finding) or expected(self._expected(rule), finding):
                continue
            summed = self._posted_today(rule, now) >= rule.ceiling
            case = Case(
                id=finding.id,
                rule=rule.name,
                channel=rule.channel if summed else self._target(rule, finding),
                finding=finding,
                opened=now,
                summed=summed,
                announced=finding.passed,
            )
            if self._memory.claim(CASES, self._key(rule, case), case.model_dump(mode="json")) and not summed:
                self._post(rule, case)
        self._sum_up(rule, now)

    def _target(self, rule: AlertRule, finding: Finding) -> str:
        """Where a new case is posted: a budget's own channel, if its readers may see the budget; else the rule's."""
        if finding.channel in {"", rule.channel}:
            return rule.channel
        try:
            visible = any(other.id == finding.id for other in self._findings(rule, finding.channel))
            reason = "people there may not see all of it"
        except CostError as error:
            visible, reason = False, str(error)
        if not visible:
            about = f"The budget {finding.name} names {finding.channel} for its alerts, but {reason}."
            self._publisher.notify_owner(rule, f"{about} They go where the rule's other alerts go.")
        return finding.channel if visible else rule.channel

    def _posted_today(self, rule: AlertRule, now: datetime) -> int:
        return sum(not case.summed for case in self._of_today(rule, now))

    def _of_today(self, rule: AlertRule, now: datetime) -> list[Case]:
        day = now.astimezone(rule.zone).date()
        return [case for case in self.cases(rule).values() if case.opened.astimezone(rule.zone).date() == day]

    def _follow(self, rule: AlertRule, case: Case, findings: Sequence[Finding]) -> None:
        """Brings a case, and its message, up to what there is now."""
        now = self._clock()
        finding = next((candidate for candidate in findings if same_cause(case, candidate)), None)
        if finding is None:
            over = case.finding.watched == "budgets" or case.finding.end < (now - _LOOKED).date()
            changes: dict[str, Any] = {"status": "ended" if over else "gone"} if case.status in LIVE else {}
        else:
            changes = {"finding": finding, **_turned(case, finding, now, self._expected(rule))}
        if case.status == "snoozed" and case.until and case.until <= now and changes.get("status") == "open":
            self._note(rule, case, None, f"woken:{case.until:%Y-%m-%dT%H:%M}")
        if finding is not None and (
            crossed := [threshold for threshold in finding.passed if threshold not in case.announced]
        ):
            mark = f"passed:{', '.join(crossed)}"
            if case.status != "open" or self._note(rule, case, finding, mark):
                changes["announced"] = (*case.announced, *crossed)
        self._changed(rule, case, **changes)

    # --- saying -----------------------------------------------------------------------------------------------

    def _post(self, rule: AlertRule, case: Case) -> Case:
        posted = self._say(rule, case, self._key(rule, case))
        if posted is not None:
            self._put(rule, posted)
        return posted or case

    def _say(self, rule: AlertRule, case: Case, key: str) -> Case | None:
        """The case with its message, said now or before; None where another replica is saying it.

        Raises:
            once.NotSaid: it could not be said.
            CostError: nobody may read it there.
        """
        claim = exactly_once.take(self._memory, POSTED, key, lasts=self._pace.lasts)
        if claim is None:
            found = self._memory.get(POSTED, key) or {}
            if found.get("state") != "done" or key.endswith(f"@{case.channel}"):
                return None
            return case.model_copy(update={"ts": found["ts"], "place": found["place"]})
        with claim:
            try:
                sink = self._publisher.sink(rule, case.channel, EVENT)
                stamp = {"alert": case.id, "rule": rule.name}
                posted = case.model_copy(update={"place": sink.channel, "shown": case.mark()})
                posting = exactly_once.Posting(sink, stamp, self._pace.settle)
                ts = exactly_once.say(claim, posting, [self._publisher.draw(rule, posted)], place=sink.channel)
            except exactly_once.Lost:
                return None
            except exactly_once.DeliveryFailed as error:
                claim.fail(error.reason)
                raise
        # What an earlier holder said may show older figures: it is brought up to date with the next look.
        return posted.model_copy(update={"ts": ts, **({"shown": ""} if claim.before else {})})

    def _changed(self, rule: AlertRule, case: Case, **changes: object) -> Case:
        """The case with changes, kept and shown where it is not shown yet."""
        changed = self._swapped(rule, case, changes)
        if not changed.ts and not changed.summed:
            return self._post(rule, changed)
        if changed.ts and changed.shown != changed.mark():
            self._update(rule, changed, self._publisher.draw(rule, changed))
            changed = self._swapped(rule, changed, {"shown": changed.mark()})
        return changed

    def _put(self, rule: AlertRule, case: Case) -> None:
        placement = case.model_dump(include={"ts", "place", "shown", "channel", "by"})
        self._swapped(rule, case, {**placement, "finding": case.finding})

    def _update(self, rule: AlertRule, case: Case, message: Message) -> None:
        try:
            sink = self._publisher.sink(rule, case.place or case.channel, EVENT)
            sink.update(case.ts, message, {"alert": case.id, "rule": rule.name})
        except exactly_once.DeliveryFailed as error:
            log.warning("alert %s stays as it was: %s", case.id, error.reason)

    def _note(self, rule: AlertRule, case: Case, news: Finding | None, mark: str) -> bool:
        """Whether the news (None: a snooze is over) stands in the case's thread, posted once; not in quiet hours."""
        if not case.ts or rule.quiet(self._clock()):
            return False
        key = f"{self._key(rule, case)}#{mark}"
        claim = exactly_once.take(self._memory, POSTED, key, lasts=self._pace.lasts)
        if claim is None:
            return exactly_once.settled(self._memory.get(POSTED, key))
        stamp = {"alert": case.id, "rule": rule.name, "note": mark}
        with claim:
            try:
                sink = self._publisher.sink(rule, case.place or case.channel, EVENT)
                note = self._publisher.draw_note(news)
                exactly_once.say(claim, exactly_once.Posting(sink, stamp, self._pace.settle, case.ts), [note])
            except exactly_once.Lost:
                return False
            except exactly_once.DeliveryFailed as error:
                claim.fail(error.reason)
                log.warning("a note on alert %s was not said: %s", case.id, error.reason)
                return False
        return True

    def _sum_up(self, rule: AlertRule, now: datetime) -> None:
        """One message for all of the day that was beyond the ceiling, updated as it grows."""
        cases = [case for case in self._of_today(rule, now) if case.summed]
        if not cases:
            return
        day = now.astimezone(rule.zone).date()
        key, shown = f"{rule.key}:{day}", [case.mark() for case in cases]
        stamp = {"rule": rule.name, "rest": day.isoformat()}
        summary = self._memory.get(REST, key)
        sink = self._publisher.sink(rule, rule.channel, EVENT)
        message = self._publisher.draw_rest(rule, cases)
        if summary and summary["shown"] != shown:
            sink.update(summary["ts"], message, stamp)
        elif not summary:
            claim = exactly_once.take(self._memory, POSTED, f"{key}:rest", lasts=self._pace.lasts)
            if claim is None:
                summary = self._memory.get(POSTED, f"{key}:rest") or {}
                ts = str(summary.get("ts", "")) if exactly_once.settled(summary) else ""
            else:
                with claim:
                    ts = exactly_once.say(claim, exactly_once.Posting(sink, stamp, self._pace.settle), [message])
            if not ts:
                return
            summary = {"ts": ts}
        self._memory.put(REST, key, {"ts": summary["ts"], "shown": shown})


def _turned(case: Case, finding: Finding, now: datetime, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What a finding makes of a case's status."""
    if not finding.ongoing:
        return {"status": "ended"} if case.status in LIVE else {}
    if case.status == "snoozed":
        return {"status": "open", "until": None} if case.until and case.until <= now else {}
    if case.status == "expected":
        return {} if expected(known, finding) else {"status": "open"}
    return {"status": "open"}
