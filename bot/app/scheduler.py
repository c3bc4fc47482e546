"""What runs when: APScheduler calls, in threads of its own, and says nothing; the ledger's claims decide who acts.

Every replica runs all of it. Jobs never run twice at once in one process, and one that was missed runs once when it
can: whatever it does finds out for itself what is due.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)

Job = Callable[[], object]

SYNC, DIGESTS, ALERTS, RETENTION = (
    timedelta(minutes=30),
    timedelta(seconds=10),
    timedelta(minutes=5),
    timedelta(hours=6),
)
"""How often each looks whether there is something to do."""
_PATIENCE = 30.0


@dataclass(frozen=True)
class Jobs:
    """What a process does again and again; None leaves a job out.

    ``sync`` pulls what is due at the vendors' rhythm; ``digests`` posts what is due; ``alerts`` looks at what is new,
    at once after every sync as well; ``retention`` forgets what is old.
    """

    sync: Job | None = None
    digests: Job | None = None
    alerts: Job | None = None
    retention: Job | None = None


class Clockwork:
    """The clock of one process; a context manager, or ``start`` and ``stop``."""

    def __init__(
        self,
        jobs: Jobs,
        *,
        every: Mapping[str, timedelta] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        rhythm = {"sync": SYNC, "digests": DIGESTS, "alerts": ALERTS, "retention": RETENTION, **(every or {})}
        self._alerts = jobs.alerts
        named = {
            "sync": self._then_alerts(jobs.sync) if jobs.sync else None,
            "digests": jobs.digests,
            "alerts": jobs.alerts,
            "retention": jobs.retention,
        }
        self._jobs = {name: job for name, job in named.items() if job}
        self._rhythm, self._now = rhythm, now
        self._last_runs: dict[str, datetime] = {}
        self._busy: set[str] = set()
        self._idle = threading.Condition()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max(1, len(self._jobs)))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begins: every job runs at once, and then at its rhythm."""
        # Missed beats while a long sync runs are as intended, not worth a warning.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        for name, job in self._jobs.items():
            trigger = IntervalTrigger(seconds=self._rhythm[name].total_seconds(), timezone=UTC)
            run = self._guarded(name, job)
            self._scheduler.add_job(run, trigger, id=name, next_run_time=datetime.now(UTC))
        self._scheduler.start()

    def stop(self, patience: float = _PATIENCE) -> bool:
        """Begins nothing more and waits for what is under way; whether all of it has ended."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        until = time.monotonic() + patience
        with self._idle:
            return self._idle.wait_for(lambda: not self._busy, max(0.0, until - time.monotonic()))

    def last_run(self, name: str) -> datetime | None:
        """When a job last ended without failing."""
        return self._last_runs.get(name)

    def _then_alerts(self, sync: Job) -> Job:
        def both() -> None:
            sync()
            if self._alerts:
                self._alerts()

        return both

    def _guarded(self, name: str, job: Job) -> Job:
        def run() -> None:
            with self._idle:
                self._busy.add(name)
            try:
                job()
                self._last_runs[name] = self._now()
            except Exception:
                log.exception("%s failed; it is tried again in %s", name, self._rhythm[name])
            finally:
                with self._idle:
                    self._busy.discard(name)
                    self._idle.notify_all()

        return run

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
