"""A ledger in PostgreSQL: what is said where it cannot be had, replicas, and the way there and back."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from postgresql_server import fresh_database, server_url
from test_taught import check_aliases, check_corrections

from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.errors import Misconfigured, Unavailable
from bot.domain.feed import Feed
from bot.domain.period import Period, day_number
from bot.domain.question import Question
from bot.focus.importer import import_files
from bot.focus.intake import feed_of
from bot.ledger import Ledger
from bot.ledger.columns import from_charges
from bot.ledger.copy import copy_ledger
from bot.ledger.postgresql import Server, redacted
from bot.ledger.postgresql.translate import statement
from bot.ledger.writer import extend_days

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FEED = Feed(source="acme", name="bill", grain=frozenset({"ServiceName"}))
DAYS = Period(start=date(2026, 11, 1), end=date(2026, 11, 11))


def charge(day, cost, service="Compute"):
    """One charge, with digits below what 64 bits of nanos hold."""
    return Charge(
        day=day,
        service_provider_name="Acme",
        service_name=service,
        billed_cost=Decimal(cost),
        billing_currency="USD",
    )


def fill(ledger, *, days=DAYS, services=3):
    """Charges of each day, to the atto."""
    charges = [
        charge(day, f"{number + 1}.000000000000000001", f"Service {number}")
        for day in days
        for number in range(services)
    ]
    ledger.replace(FEED, days, charges, synced=NOW)


def total(ledger):
    """Every charge added up."""
    return sum(ledger.daily(FEED, DAYS).values())


@pytest.fixture
def url():
    """A new database."""
    return fresh_database()


def test_statements_are_translated():
    """Parameters, Column IDs and percent signs; what is quoted stays."""
    assert statement("SELECT s.BillingCurrency FROM fact WHERE x_Model LIKE 'Tags/%' AND day = ?").sql == (
        'SELECT s."BillingCurrency" FROM fact WHERE "x_Model" LIKE \'Tags/%%\' AND day = %s'
    )
    assert statement("SELECT ?2, ?1, ?2").bound(["a", "b"]) == ["b", "a", "b"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda url: url.replace("/spend_", "/missing_"), "does not exist"),
        (lambda url: url.replace("postgres@", "nobody@"), "does not have that user"),
        (lambda _: "postgresql://u:secret@nowhere.invalid/db", "has no such host"),
        (lambda _: "postgresql://u:secret@127.0.0.1:1/db", "does not answer"),
        (lambda url: f"{url}&nonsense=1", "not a PostgreSQL URL"),
    ],
)
def test_what_cannot_be_reached_is_said_in_a_sentence(url, change, why):
    """A wrong host, user, database, option or a server that is down: one sentence, and no password."""
    with pytest.raises((Misconfigured, Unavailable)) as refused:
        Ledger.open(change(url))

    assert why in str(refused.value)
    assert "secret" not in str(refused.value)


def test_passwords_are_never_shown():
    """What people call the ledger has neither user nor password."""
    assert redacted("postgresql://user:pass@db.example.com:5433/spend?sslmode=require") == (
        "postgresql://db.example.com:5433/spend"
    )


def test_a_newer_schema_is_refused(url):
    """A database that a newer version wrote is left alone."""
    Ledger.open(url).close()
    with psycopg.connect(url, autocommit=True) as raw:
        raw.execute("UPDATE schema_version SET number = 999")
    with pytest.raises(Misconfigured, match="newer version"):
        Ledger.open(url)


def test_two_replicas_make_one_schema(url):
    """Replicas that start at once on an empty database all find the same ledger."""
    found, threads = [], []
    for _ in range(4):
        threads.append(threading.Thread(target=lambda: found.append(Ledger.open(url).generation())))
        threads[-1].start()
    for thread in threads:
        thread.join()

    assert found == [0] * 4


def test_a_claim_is_won_once(url):
    """Of many replicas that claim the same, exactly one is told so."""
    ledgers = [Ledger.open(url) for _ in range(4)]
    won = []

    def claim(ledger):
        won.extend(number for number in range(25) if ledger.memory.claim("digest", f"n{number}", {"by": id(ledger)}))

    threads = [threading.Thread(target=claim, args=(ledger,)) for ledger in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == list(range(25))


def test_an_answer_reads_one_snapshot(url):
    """What is read in one block is of one state, though another replica writes meanwhile."""
    ours, theirs = Ledger.open(url), Ledger.open(url)
    fill(ours)
    before = total(ours)
    with ours.reading():
        first = total(ours)
        theirs.replace(FEED, DAYS, [charge(DAYS.start, "1")], synced=NOW)
        second = total(ours)

    assert first == second == before
    assert total(ours) == 1


def test_many_threads_share_few_connections(url):
    """Forty threads that ask at once are all answered, over no more connections than a process may have."""
    with closing(Ledger.open(url)) as ledger:
        fill(ledger)
        expected, found = total(ledger), []

        def ask():
            with ledger.reading():
                found.append(total(ledger))
                time.sleep(0.05)

        threads = [threading.Thread(target=ask) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with psycopg.connect(url) as raw:
            mine = "application_name = 'spend' AND datname = current_database()"
            (count,) = raw.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {mine}").fetchone()

        assert found == [expected] * 40
        assert count <= 16


def test_a_lost_connection_is_opened_anew(url):
    """The server ends the connection between two questions; the next one is answered."""
    ledger = Ledger.open(url)
    fill(ledger)
    before = total(ledger)
    cut(url)

    assert total(ledger) == before


def test_many_charges_of_facts_that_are_there_are_added_to_them(url):
    """A file read in two parts, with the same days and services in both: each fact is the sum of its charges."""
    charges = [charge(day, "1.9999999999", f"Service {n}") for day in DAYS for n in range(60)]
    with closing(Ledger.open(url)) as ledger:
        with ledger.writing(FEED) as (writer, connection):
            writer.add(from_charges(charges))
            writer.add(from_charges(charges))
            extend_days(connection, writer.feed, day_number(DAYS.start), day_number(DAYS.end))
        assert total(ledger) == Decimal("1.9999999999") * 2 * len(charges)


def test_an_import_waits_for_another_writer_of_charges(url, tmp_path):
    """A file comes in while another replica syncs new services: neither is refused, and the cube has both."""
    file = tmp_path / "bill.csv"
    day, month = "2026-11-03T00:00:00Z,2026-11-04T00:00:00Z", "2026-11-01T00:00:00Z,2026-12-01T00:00:00Z"
    file.write_text(
        "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,"
        "BillingPeriodStart,BillingPeriodEnd,BillingAccountId,ChargeCategory,ServiceName,ProviderName\n"
        f"2.5,2.5,2.5,2.5,USD,{day},{month},1,Usage,Vault,Acme\n"
    )
    imported = []
    with closing(Ledger.open(url)) as syncing, closing(Ledger.open(url)) as importing:
        thread = threading.Thread(target=lambda: imported.extend(import_files(importing, [file], now=NOW)))
        with syncing.writing(FEED) as (writer, connection):
            writer.add(from_charges([charge(DAYS.start, "1")]))
            extend_days(connection, writer.feed, day_number(DAYS.start), day_number(DAYS.end))
            thread.start()
            thread.join(0.5)
        thread.join()

        assert [one.error for one in imported] == [None]
        for feed, expected in ((FEED, 1), (feed_of("Acme"), Decimal("2.5"))):
            (cube,) = syncing.totals(feed, "BilledCost", [DAYS.start, DAYS.end])[0].amounts
            assert cube == sum(syncing.daily(feed, DAYS).values()) == expected


def cut(url):
    """The server ends every connection of ours, as when it restarts."""
    with psycopg.connect(server_url(), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'spend' AND datname = %s",
            (url.partition("@/")[2].partition("?")[0],),
        )


class CutOnce(Ledger):
    """A ledger whose connection is ended in the middle of so many answers."""

    cuts = 0

    def totals(self, *args, **more):
        """As ever, but for those."""
        if self.cuts:
            self.cuts -= 1
            cut(self.url)
        return super().totals(*args, **more)


@pytest.mark.parametrize(("cuts", "answered"), [(1, True), (9, False)])
def test_a_connection_lost_in_mid_answer_is_tried_once_more(url, cuts, answered):
    """The second try answers; where that is cut too, one sentence says so, and the next question is answered."""
    with closing(CutOnce(Server(url))) as ledger:
        ledger.url = url
        fill(ledger)
        service = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
        question = Question(period=DAYS, by=("ServiceName",))
        expected = service.answer(question).answer
        ledger.cuts = cuts
        if answered:
            assert service.answer(question).answer == expected
        else:
            with pytest.raises(Unavailable, match="does not answer"):
                service.answer(question)
        ledger.cuts = 0
        assert service.answer(question).answer == expected


def rewrite_and_die(ledger, url):
    """Begins to replace the days, and loses the server half-way."""
    with ledger.writing(FEED) as (writer, _):
        writer.remove(day_number(DAYS.start), day_number(DAYS.end))
        cut(url)
        writer.add(from_charges([charge(DAYS.start, "1")]))


def test_a_server_that_dies_in_mid_write_leaves_the_old_days(url):
    """One sentence; nothing of the new days is there, and the same write succeeds afterwards."""
    with closing(Ledger.open(url)) as ledger:
        fill(ledger)
        before = total(ledger)
        with pytest.raises(Unavailable, match="does not answer"):
            rewrite_and_die(ledger, url)
        assert total(ledger) == before
        ledger.replace(FEED, DAYS, [charge(DAYS.start, "1")], synced=NOW)
        assert total(ledger) == 1


def test_who_may_not_write_is_told_what_to_grant(url):
    """A user without rights on the schema, and a standby: one sentence each."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS reader")
        admin.execute("CREATE ROLE reader LOGIN")
        admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    with pytest.raises(Misconfigured, match="does not let this user write"):
        Ledger.open(url.replace("postgres@", "reader@"))
    Ledger.open(url).close()
    with closing(Ledger.open(f"{url}&options=-c%20default_transaction_read_only%3Don")) as standby:
        with pytest.raises(Misconfigured, match=r"is read-only \(a standby\?\)"):
            fill(standby)
        assert standby.feeds() == []


def test_tls_that_the_server_does_not_speak_is_named():
    """``sslmode=require`` where the reply to the client's wish for TLS is no ("N")."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse():
            client = listening.accept()[0]
            with client:
                client.recv(8)
                client.sendall(b"N")

        thread = threading.Thread(target=refuse)
        thread.start()
        port = listening.getsockname()[1]
        with pytest.raises(Misconfigured, match="over TLS"):
            Ledger.open(f"postgresql://u:secret@127.0.0.1:{port}/db?sslmode=require")
        thread.join()


def test_there_and_back_is_the_same_ledger(url, tmp_path):
    """SQLite to PostgreSQL and back: equal totals, what is remembered, and how far each source is told."""
    with closing(Ledger(tmp_path / "a.db")) as source, closing(Ledger.open(url)) as middle:
        fill(source)
        source.memory.put("digest", "daily", {"at": "09:00"})
        copy_ledger(source, middle)
        with closing(Ledger(tmp_path / "b.db")) as back:
            copy_ledger(middle, back)

            assert total(back) == total(middle) == total(source)
            assert back.memory.all("digest") == {"daily": {"at": "09:00"}}
            assert back.covered(FEED) == DAYS
            assert back.totals(FEED, "BilledCost", [DAYS.start, DAYS.end], by=["ServiceName"]) == source.totals(
                FEED, "BilledCost", [DAYS.start, DAYS.end], by=["ServiceName"]
            )
        fill(middle, services=4)
        with pytest.raises(Misconfigured, match="not empty"):
            copy_ledger(source, middle)


def test_a_copy_that_was_killed_goes_on(url, tmp_path):
    """Killed again and again while it copies, it ends with equal totals all the same."""
    days = Period(start=date(2026, 1, 1), end=date(2026, 11, 1))
    with closing(Ledger(tmp_path / "a.db")) as source:
        fill(source, days=days, services=20)
        expected = sum(source.daily(FEED, days).values())
    environment = {**os.environ, "LEDGER_URL": f"sqlite:///{tmp_path}/a.db", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bot", "migrate", "--to", url]
    for patience in (0.8, 1.1, 1.4):
        running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(patience)
        running.send_signal(signal.SIGKILL)
        running.wait()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0 or "not empty" in done.stderr  # the last kill may have come too late
    with closing(Ledger.open(url)) as copy:
        assert sum(copy.daily(FEED, days).values()) == expected


def test_a_backup_is_a_file_that_can_be_restored(url, tmp_path):
    """The backup of a database is an SQLite ledger with everything in it."""
    ledger = Ledger.open(url)
    fill(ledger)
    ledger.backup(tmp_path / "backup.db")
    with closing(Ledger(tmp_path / "backup.db")) as copy:
        assert total(copy) == total(ledger)
        assert copy.freshness() == ledger.freshness()


def test_a_writer_that_dies_leaves_what_was_there(url):
    """A slice is replaced whole or not at all: killed in mid-write, the old charges stand."""
    ledger = Ledger.open(url)
    fill(ledger)
    before = total(ledger)
    code = (
        "import sys, os, signal; from bot.ledger import Ledger; from test_postgresql import FEED\n"
        "ledger = Ledger.open(sys.argv[1])\n"
        "with ledger.writing(FEED) as (writer, connection):\n"
        "    writer.remove(0, 100000)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests", Path(__file__).parent)))}
    died = subprocess.run([sys.executable, "-c", code, url], env=environment, check=False)

    assert died.returncode == -signal.SIGKILL
    assert total(ledger) == before


def test_what_people_teach_is_kept_alike(url):
    """Aliases and corrections do in PostgreSQL what they do in a file."""
    with closing(Ledger.open(url)) as ledger:
        check_aliases(ledger)
        check_corrections(ledger)
