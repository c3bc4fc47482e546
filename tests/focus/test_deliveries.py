import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from datetime import date
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from chance import seeded

from bot.domain.errors import InvalidFile
from bot.domain.money import plain
from bot.domain.period import Period
from bot.focus.importer import Options, feed_of, import_files, undo
from bot.focus.origin import origin_of
from bot.ledger import Ledger
from scripts.corpus.made import BASE

ACME = feed_of("Acme Cloud")
EVER = [date(2000, 1, 1), date(2040, 1, 1)]


def bill(*rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(BASE), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {**BASE, **dict.fromkeys(("EffectiveCost", "ListCost", "ContractedCost"), row["BilledCost"]), **row}
        )
    return out.getvalue()


def charge(cost, day=5, **columns):
    days = {"ChargePeriodStart": f"2026-10-{day:02}T00:00:00Z", "ChargePeriodEnd": f"2026-10-{day + 1:02}T00:00:00Z"}
    return {"BilledCost": str(cost), **days, **columns}


@pytest.fixture
def put(tmp_path, ledger, now):
    """Imports files, each by a command of its own; what became of the last."""

    def put(*files, **options):
        for name, content in files:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            (imported,) = import_files(ledger, [path], now=now, options=Options(**options))
        return imported

    return put


def billed(ledger, *by):
    found = ledger.totals(ACME, "BilledCost", EVER, by=by)
    return {group.key: plain(group.amounts[0]) for group in found if group.amounts[0]}


def total(ledger):
    return billed(ledger).get((), "0")


def facts(ledger):
    """Every fact with its words, whatever numbers the ledger gave them."""
    query = (
        "SELECT f.day, s.ServiceName, s.SubAccountId, s.BillingAccountId, s.x_BillingMonth, f.charges, f.BilledCost,"
        " f.BilledCostAttos FROM fact f JOIN series s ON s.id = f.series ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"
    )
    return ledger.connection().execute(query).fetchall()


def everything(ledger):
    """Every row of every table that an import writes."""
    tables = ("feed", "series", "detail", "fact", "replaced_fact", "cube", "dictionary", "state", "untold")
    tables += ("freshness", "restated", "delivery", "delivery_slice")
    rows = {table: ledger.connection().execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    return {table: sorted(map(str, found)) for table, found in rows.items()}


PARTS = (("focus_part_0.csv", bill(charge(100))), ("focus_part_1.csv", bill(charge(40))))
SUBSCRIPTIONS = (
    ("bill.csv", bill(charge(100))),
    ("other/bill.csv", bill(charge(40, SubAccountId="acct-2", SubAccountName="staging"))),
)
DAYS = (("costs-2026-10-05.csv", bill(charge(100))), ("costs-2026-10-06.csv", bill(charge(40, day=6))))
SIX_HOURS = (
    ("0001000000584960-00001.csv", bill(charge(100, ChargePeriodEnd="2026-10-05T06:00:00Z"))),
    (
        "0001000000584960-00002.csv",
        bill(charge(40, ChargePeriodStart="2026-10-05T06:00:00Z", ChargePeriodEnd="2026-10-05T12:00:00Z")),
    ),
)
SERVICES = (("compute.csv", bill(charge(100))), ("storage.csv", bill(charge(40, ServiceName="Acme Storage"))))
OF_ONE_RUN = tuple(
    (f"focus/20261001-20261031/3fa85f64-5717-4562-b3fc-2c963f66afa6/part_{n}_0001.csv", bill(charge(cost)))
    for n, cost in enumerate((100, 40))
)


@pytest.mark.parametrize(
    "files", [PARTS, SUBSCRIPTIONS, DAYS, SIX_HOURS, SERVICES, OF_ONE_RUN], ids=lambda files: files[0][0]
)
@pytest.mark.parametrize("order", [1, -1])
def test_what_is_not_another_run_stands_beside(ledger, put, files, order):
    """Parts, subscriptions, days, hours and services of one account add up, in whatever order they come."""
    imported = put(*files[::order])

    assert imported.replaced == ()
    assert total(ledger) == "140"


V1 = bill(charge(100), charge(7, day=6))
V2 = bill(charge(100))


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("month_v1.csv", "month_v2.csv"),
        ("month_v9.csv", "month_v10.csv"),
        ("month.csv", "month_corrected.csv"),
        ("month.csv", "month (1).csv"),
        ("run1.csv", "run2.csv"),
        ("costs-20261105.csv", "costs-20261106.csv"),
        ("costs_20261105T060000Z.csv", "costs_20261105T120000Z.csv"),
        ("20261105T060000Z/costs.csv", "20261105T120000Z/costs.csv"),
    ],
)
def test_a_newer_run_replaces_the_whole_month_and_an_older_one_is_refused(ledger, put, older, newer):
    """A day that the newer run no longer has is gone; the older run comes back only by force."""
    put((older, V1))
    imported = put((newer, V2))
    (replaced,) = imported.replaced

    assert (replaced.file, replaced.charges, replaced.totals) == (Path(older).name, 2, {"USD": Decimal(107)})
    assert total(ledger) == "100"
    assert "is older than" in str(put((older, V1)).error)
    assert total(ledger) == "100"
    assert put((older, V1), force=True).error is None
    assert total(ledger) == "107"


def test_names_that_say_nothing_are_judged_by_their_charges(ledger, put):
    """The same charges under another name are another run, of which the later import counts."""
    put(("october.csv", V1))
    imported = put(("download.csv", bill(charge(90), charge(5, day=6))))

    assert [item.file for item in imported.replaced] == ["october.csv"]
    assert total(ledger) == "95"


def test_a_corrected_part_replaces_that_part_alone(ledger, put):
    """The other parts of the run stand."""
    put(*PARTS)
    imported = put(("again/focus_part_1.csv", bill(charge(45))))

    assert [item.file for item in imported.replaced] == ["focus_part_1.csv"]
    assert total(ledger) == "145"


def months_parts(folder, count, parts, part_of):
    """The parts of an export over a month, each charge of a resource of its own, spread over them."""
    names = [f"{folder}/focus-{n + 1:05}.csv" for n in range(parts)]
    spread = [[n for n in range(count) if part_of(n) == part] for part in range(parts)]
    return {
        name: bill(*(charge(n, day=1 + n % 28, RegionId=f"region-{n}") for n in numbers))
        for name, numbers in zip(names, spread, strict=True)
    }


@pytest.mark.parametrize("parts", [3, 2])
def test_a_run_written_over_the_former_one_replaces_all_of_its_parts(ledger, tmp_path, now, parts):
    """AWS spreads the charges of a new run over the parts otherwise, over fewer of them too: no charge counts twice."""
    runs = [
        months_parts("first", 300, 3, lambda n: n // 100),
        months_parts("second", 310, parts, lambda n: n % parts),
    ]
    for run in runs:
        for name, content in run.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(content)
        import_files(ledger, [(tmp_path / next(iter(run))).parent], now=now)

    assert total(ledger) == str(sum(range(310)))


def test_the_bills_of_an_archive_are_deliveries_of_their_own(ledger, tmp_path, now):
    """A newer archive replaces them, the same bills outside of it are known, and undo takes the archive back whole."""
    first, second = (charge(n, day=n, RegionId=f"r{n}") for n in (1, 2))
    bills = {"a.csv": bill(first), "b.csv": bill(second)}
    for name, files in (("oct_v1.zip", bills), ("oct_v2.zip", {**bills, "b.csv": bill({**second, "BilledCost": "5"})})):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for inside, content in files.items():
                archive.writestr(inside, content)
        import_files(ledger, [tmp_path / name], now=now)
    (tmp_path / "a.csv").write_text(bills["a.csv"])
    (known,) = import_files(ledger, [tmp_path / "a.csv"], now=now)

    assert known.already
    assert total(ledger) == "6"
    undo(ledger, now)
    assert total(ledger) == "3"


def test_an_export_of_one_sub_account_replaces_no_other(ledger, put):
    """A file of one sub account takes the place of its charges, and leaves the others of the whole account's file."""
    other = {"SubAccountId": "acct-2", "SubAccountName": "staging"}
    put(("everything.csv", bill(charge(100), charge(50, **other))))
    imported = put(("staging.csv", bill(charge(60, **other))))

    assert imported.replaced[0].totals == {"USD": Decimal(50)}
    assert billed(ledger, "SubAccountName") == {("production",): "100", ("staging",): "60"}


def test_another_month_and_another_account_stay(ledger, put):
    """A newer run replaces its own billing period and account, and nothing else."""
    september = {"BillingPeriodStart": "2026-09-01T00:00:00Z", "BillingPeriodEnd": "2026-10-01T00:00:00Z"}
    put(("a_v1.csv", bill(charge(1), charge(2, BillingAccountId="9"), charge(4, **september))))
    put(("a_v2.csv", bill(charge(10))))

    assert total(ledger) == "16"


def test_a_file_that_is_in_changes_nothing_under_any_name(ledger, put):
    """The same bytes are known for what they are."""
    put(("a.csv", V1))
    generation = ledger.generation()

    assert put(("b_v2.csv", V1)).already
    assert (total(ledger), ledger.generation()) == ("107", generation)


def test_any_order_and_repetition_ends_in_the_same_ledger(tmp_path, now):
    """Parts and runs, imported in every order and twice, with what is refused left out, come to the same facts."""
    files = [*PARTS, ("month_v1.csv", bill(charge(5, day=9))), ("month_v2.csv", bill(charge(6, day=9)))]
    for name, content in files:
        (tmp_path / name).write_text(content)
    found = set()
    for n, order in enumerate(permutations(name for name, _ in files)):
        ledger = Ledger(tmp_path / f"{n}.db")
        for name in (*order, *order):
            import_files(ledger, [tmp_path / name], now=now)
        found.add(tuple(facts(ledger)))
        assert total(ledger) == "146"
        ledger.close()

    assert len(found) == 1


def test_files_of_one_command_are_taken_in_the_order_of_their_runs(ledger, tmp_path, now):
    """Version 10 comes after version 9, whatever a shell makes of their names."""
    for n in (9, 10):
        (tmp_path / f"bill_v{n}.csv").write_text(bill(charge(n)))
    import_files(ledger, [tmp_path / "bill_v10.csv", tmp_path / "bill_v9.csv"], now=now)

    assert total(ledger) == "10"


def test_a_folder_stands_for_the_files_in_it(ledger, tmp_path, now):
    """Azure's parts with their manifest: the manifest is no bill, and names the run."""
    folder = tmp_path / "export"
    folder.mkdir()
    manifest = {
        "exportConfig": {"exportName": "focus-daily"},
        "runInfo": {"runId": "r-1", "submittedTime": "2026-11-05T06:00:00Z"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for name, content in PARTS:
        (folder / name).write_text(content)
    imported = import_files(ledger, [folder], now=now)

    assert [item.error for item in imported] == [None, None]
    assert total(ledger) == "140"
    assert origin_of(folder / "focus_part_0.csv").run == "r-1"


def test_undo_takes_the_last_import_back_and_brings_back_what_it_replaced(ledger, put, now):
    """The ledger is as it was before: facts, sums, days covered and freshness."""
    put(("month_v1.csv", V1))
    before = (facts(ledger), total(ledger), ledger.covered(ACME), ledger.freshness())
    put(("month_v2.csv", bill(charge(100), charge(3, day=20))))
    (undone,) = undo(ledger, now)

    assert undone.file == "month_v2.csv"
    assert (facts(ledger), total(ledger), ledger.covered(ACME), ledger.freshness()) == before
    assert [item.file for item in undo(ledger, now)] == ["month_v1.csv"]
    assert facts(ledger) == []
    assert ledger.covered(ACME) is None
    assert ledger.freshness() == []
    assert undo(ledger, now) == []


def test_undo_of_a_part_of_what_stood(ledger, put, now):
    """Where a file took one sub account's charges of another, undo puts them back into it."""
    other = {"SubAccountId": "acct-2", "SubAccountName": "staging"}
    put(("everything.csv", bill(charge(100), charge(50, **other))), ("staging.csv", bill(charge(60, **other))))
    undo(ledger, now)

    assert billed(ledger, "SubAccountName") == {("production",): "100", ("staging",): "50"}


def test_what_retention_let_go_of_cannot_be_undone(ledger, put, now):
    """The sweep of old charges lets go of what was replaced, and undo says so and changes nothing."""
    put(("month_v1.csv", V1), ("month_v2.csv", V2))
    ledger.forget_before(date(2020, 1, 1))

    with pytest.raises(InvalidFile, match=r"month_v2\.csv replaced is no longer stored"):
        undo(ledger, now)
    assert total(ledger) == "100"


def test_a_dry_run_says_it_all_and_keeps_nothing(ledger, put):
    """What would be brought and replaced is told, and every table is as it was."""
    put(("month_v1.csv", V1))
    before = everything(ledger)
    imported = put(("month_v2.csv", V2), dry_run=True)

    assert (imported.charges, imported.replaced[0].charges) == (1, 2)
    assert everything(ledger) == before


def test_a_later_run_is_remembered_as_a_restatement(ledger, put):
    """Days that a newer run bills differently are noted as a sync notes them, with what they were."""
    put(("month_v1.csv", V1))
    put(("month_v2.csv", bill(charge(100), charge(9, day=6))))
    ((source, restated),) = ledger.restatements.within(Period(start=date(2026, 10, 1), end=date(2026, 11, 1)))

    assert (source, restated.day, restated.was, restated.now) == ("Acme Cloud", date(2026, 10, 6), 7, 9)


def test_prices_that_a_newer_run_tells_are_known_from_then_on(ledger, put):
    """That a list price was not told is forgotten with the charges that did not tell it."""
    october = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
    put(("month_v1.csv", bill(charge(100, ListCost="0"))))
    assert "ListCost" in ledger.query.unknown_columns(ACME, october)
    put(("month_v2.csv", bill(charge(100, ListCost="120"))))

    assert "ListCost" not in ledger.query.unknown_columns(ACME, october)


def test_charges_of_a_version_without_deliveries_are_replaced_by_the_day(ledger, put):
    """What was imported before deliveries were kept is replaced on the days that a file has charges on."""
    put(("old.csv", bill(charge(100), charge(7, day=6))))
    with ledger.transaction() as connection:
        connection.execute("UPDATE fact SET delivery = 0")
        connection.execute("DELETE FROM delivery_slice")
        connection.execute("DELETE FROM delivery")
    imported = put(("new.csv", bill(charge(80))))

    assert imported.replaced[0].totals == {"USD": Decimal(100)}
    assert total(ledger) == "87"


KILLS = int(os.environ.get("KILLS", "5"))


@pytest.mark.parametrize("seed", range(KILLS))
def test_an_import_that_is_killed_leaves_a_ledger_that_a_second_one_completes(tmp_path, seed):
    """After a kill -9 at any moment the ledger opens, holds whole files or nothing of them, and ends the same."""
    chance = seeded(seed)
    names = ("big_v1.csv", "big_v2.csv", "more.csv")
    for name, shift in zip(names, (0, 1, 0), strict=True):
        account = {"SubAccountId": name} if name == "more.csv" else {}
        rows = [charge(n + shift, day=1 + n % 28, ResourceName=f"r{n % 997}", **account) for n in range(4000)]
        (tmp_path / name).write_text(bill(*[{k: v for k, v in row.items() if k in BASE} for row in rows]))
    command = [sys.executable, "-m", "bot", "import", *names]
    environment = {**os.environ, "LEDGER_URL": f"sqlite:///{tmp_path}/l.db", "SPEND_NOW": "2026-11-22T09:00:00Z"}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
    time.sleep(chance.uniform(0.3, 2.5))
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed = Ledger(tmp_path / "l.db")
    assert killed.connection().execute("PRAGMA integrity_check").fetchone() == ("ok",)
    sums = {sum(range(4000)) + 4000 * n for n in (0, 1)}
    whole = {0, *sums, *(item + sum(range(4000)) for item in sums)}
    held = total(killed) if killed.feeds() else "0"
    assert int(held) in whole
    killed.close()
    subprocess.run(command, cwd=tmp_path, env=environment, check=False, stdout=subprocess.DEVNULL)
    ledger = Ledger(tmp_path / "l.db")

    assert total(ledger) == str(2 * sum(range(4000)) + 4000)
    ledger.close()
