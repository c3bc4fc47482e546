import os
import resource
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import earlier_ledgers
import pytest
from sqlite_utils import Database

from bot.domain.charge import Charge
from bot.domain.errors import Misconfigured
from bot.domain.feed import Feed
from bot.domain.period import Period, day_number
from bot.domain.question import DIMENSIONS
from bot.ledger import Ledger, schema
from bot.ledger.columns import from_charges
from bot.ledger.writer import extend_days

CHARGE = Charge(
    day=date(2026, 10, 5),
    billed_cost=Decimal("1.000000000000000001"),
    billing_currency="USD",
    service_provider_name="Acme",
    service_name="Acme Compute",
)
FEED = Feed(source="acme", name="all", grain=frozenset(DIMENSIONS))
DAYS = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))


def of_version(path, number):
    """A ledger as the version with so many migrations left it; from the first on, with a charge in it."""
    if not number:
        return earlier_ledgers.of_version(path, number)
    newest = path.with_name("newest.db")
    ledger = Ledger(newest)
    with ledger.writing(FEED) as (writer, connection):
        writer.add(from_charges([CHARGE]))
        extend_days(connection, writer.feed, day_number(DAYS.start), day_number(DAYS.end))
    ledger.close()
    earlier_ledgers.of_version(path, number, newest)
    newest.unlink()
    return path


@pytest.mark.parametrize("earlier", range(len(schema.MIGRATIONS)))
def test_every_earlier_version_is_brought_up_to_date(tmp_path, earlier):
    """A ledger of any earlier schema opens with the tables of the newest, and every charge it had."""
    ledger, fresh = Ledger(of_version(tmp_path / "l.db", earlier)), Ledger(tmp_path / "fresh.db")
    query = "SELECT name, sql FROM sqlite_master ORDER BY name"
    billed = ledger.totals(FEED, "BilledCost", [DAYS.start, DAYS.end], by=["ServiceName"])

    assert ledger.connection().execute(query).fetchall() == fresh.connection().execute(query).fetchall()
    assert schema.version(ledger.connection()) == len(schema.MIGRATIONS)
    assert [(item.key, item.amounts) for item in billed] == [(("Acme Compute",), (CHARGE.billed_cost,))] * bool(earlier)
    ledger.close()
    fresh.close()


def test_a_migration_that_breaks_off_leaves_the_version_before(tmp_path):
    """A step that fails is undone whole, and the steps before it stand."""

    def broken(db):
        db.execute("CREATE TABLE half (done TEXT)")
        raise sqlite3.OperationalError("database or disk is full")

    path = of_version(tmp_path / "l.db", 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        with pytest.raises(sqlite3.OperationalError):
            schema.migrate(Database(file), (*schema.MIGRATIONS[:2], broken))

        assert schema.version(file) == 2
        assert file.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    Ledger(path).close()


def test_a_ledger_from_a_newer_version_is_left_alone(tmp_path):
    """A newer file is refused in a sentence that says so."""
    with sqlite3.connect(tmp_path / "l.db") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()

    with pytest.raises(Misconfigured, match="newer version"):
        Ledger(tmp_path / "l.db")


def test_a_file_that_is_no_ledger_is_left_alone(tmp_path):
    """Another kind of file is refused, and not written to."""
    path = tmp_path / "l.db"
    path.write_text("name,amount\n" * 400)

    with pytest.raises(Misconfigured, match="is not a ledger"):
        Ledger(path)

    assert path.read_text().startswith("name,amount")


def test_a_folder_that_is_not_there_is_said(tmp_path):
    """A path that cannot be made says what to check."""
    with pytest.raises(Misconfigured, match="cannot be opened"):
        Ledger(tmp_path / "nowhere" / "l.db")


def test_a_ledger_that_nothing_can_be_written_beside_is_read(tmp_path):
    """On a full disk or in a read-only folder questions are answered; a write is refused in one sentence."""
    path = of_version(tmp_path / "l.db", len(schema.MIGRATIONS))
    Ledger(path).close()
    (tmp_path / "l.db-shm").mkdir()  # SQLite needs that name for itself: not even root can write it now
    ledger = Ledger(path)

    assert ledger.daily(FEED, DAYS) == {(CHARGE.day, "USD"): CHARGE.billed_cost}
    with pytest.raises(Misconfigured, match="is read-only"):
        ledger.memory.put("note", "a", {})
    ledger.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to read-only files")
def test_a_read_only_ledger_is_said(tmp_path):
    """Writing to a read-only file is refused in one sentence."""
    path = tmp_path / "l.db"
    Ledger(path).close()
    path.chmod(stat.S_IREAD)
    tmp_path.chmod(stat.S_IREAD | stat.S_IEXEC)

    with pytest.raises(Misconfigured, match="read-only"), Ledger(path).transaction() as connection:
        connection.execute("DELETE FROM fact")


HEADER = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingCurrency,BillingPeriodStart,"
    "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName"
)
ROW = "1,1,1,1,12,USD,2026-10-01,2026-11-01,2026-10-05,2026-10-06,Usage,Service {},Zeta"


def test_a_file_that_may_not_grow_is_said_and_nothing_is_lost(tmp_path):
    """Where the system stops the ledger from growing (a quota), the import is undone and the sentence says so."""
    Ledger(of_version(tmp_path / "l.db", len(schema.MIGRATIONS))).close()
    (tmp_path / "big.csv").write_text("\n".join([HEADER, *(ROW.format(n) for n in range(5000))]))
    done = subprocess.run(
        [sys.executable, "-m", "bot", "import", "big.csv"],
        cwd=tmp_path,
        env={**os.environ, "LEDGER_URL": "sqlite:///l.db", "PYTHONPATH": str(Path(__file__).parent.parent.parent)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    ledger = Ledger(tmp_path / "l.db")

    assert done.returncode == 1
    assert "could not be read or written" in done.stderr
    assert "Traceback" not in done.stderr
    assert [feed.source for feed in ledger.feeds()] == ["acme"]
    assert ledger.daily(FEED, DAYS) == {(CHARGE.day, "USD"): CHARGE.billed_cost}
    ledger.close()


def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path):
    """When no room is left the write is undone and the sentence says what to do."""
    ledger = Ledger(tmp_path / "l.db")
    ledger.memory.put("note", "a", {"kept": True})
    pages = ledger.connection().execute("PRAGMA page_count").fetchone()[0]
    ledger.connection().execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(Misconfigured, match="no room left"):
        ledger.memory.put("note", "b", {"text": "x" * 10_000_000})

    assert list(ledger.memory.all("note")) == ["a"]
    ledger.close()


@pytest.mark.parametrize("url", ["spend.db", "mysql://u:secret@h/db", "sqlite:///"])
def test_a_ledger_url_that_means_nothing_is_refused_without_its_password(url):
    """The sentence shows how to write it, and no secret."""
    with pytest.raises(Misconfigured, match="LEDGER_URL") as refused:
        Ledger.open(url)

    assert "secret" not in str(refused.value)


def test_a_backup_is_a_whole_ledger(tmp_path):
    """A backup opens as a ledger with the same contents."""
    ledger = Ledger(tmp_path / "l.db")
    ledger.memory.put("note", "a", {"kept": True})
    ledger.backup(tmp_path / "copy.db")
    copy = Ledger(tmp_path / "copy.db")

    assert copy.memory.get("note", "a") == {"kept": True}
    ledger.close()
    copy.close()
