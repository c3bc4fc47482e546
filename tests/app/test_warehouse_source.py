"""A warehouse declared in sources.toml: pulled, asked with its price, refused past its limit."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from test_warehouse import duckdb_settings
from warehouse_bill import truth

OCTOBER = 10
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a bill as Parquet files, the source declared and pulled once."""
    home = tmp_path_factory.mktemp("home")
    (home / "lake").mkdir()
    table = duckdb_settings(home / "lake")["table"]
    (home / "sources.toml").write_text(
        f'[[source]]\nprovider = "warehouse"\nname = "lake"\nengine = "duckdb"\ntable = "{table}"\n'
        'tag_keys = ["team"]\nprice_per_tib = 5\n'
    )
    assert spend(home, "sync").returncode == 0
    return home


def spend(home, *arguments):
    """One command, with nothing in its environment but the day."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "PYTHONPATH": str(ROOT), "COLUMNS": "500"}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=home,
        env={**environment, "SPEND_NOW": "2026-11-05T09:00:00Z"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_what_is_pulled_answers_without_asking(home):
    """Services and the tags named in the settings are in the ledger."""
    assert "vendor" not in spend(home, "ask", "october by team").stdout
    assert spend(home, "ask", "october by service").returncode == 0


def test_resources_are_offered_with_what_reading_them_costs(home):
    """Nothing is read before somebody allows it; the price is named."""
    reply = " ".join(spend(home, "ask", "october by resource").stdout.split())
    assert "Ask the warehouse: reads" in reply
    assert "under $0.01" in reply


def test_resources_are_exact_once_allowed(home):
    """Each resource's month is its sum in the files, and the whole agrees with the ledger."""
    answer = json.loads(spend(home, "ask", "october by resource", "--live", "--json").stdout)["answer"]
    lines = {(line["key"]["ResourceId"], line["currency"]): Decimal(line["amount"]) for line in answer["lines"]}
    sums = truth(lambda row: (row["ResourceId"] or "", row["ChargePeriodStart"].month))
    assert lines == {
        (resource, currency): total for (resource, month, currency), total in sums.items() if month == OCTOBER
    }
    assert "the ledger has" not in spend(home, "ask", "october by resource", "--live").stdout


def test_a_resource_that_the_ledger_has_not_seen_can_be_asked_for(home):
    """Its id is read as one, and its cost is the warehouse's."""
    reply = spend(home, "ask", "what did i-0abc cost in october", "--live").stdout
    assert reply.startswith("€70.43 and $641.71 on i-0abc, October 2026.")


def test_past_the_limit_it_is_refused_before_anything_is_read(home):
    """One sentence with both sizes; the exit status is that of an answer with a gap."""
    text = (home / "sources.toml").read_text()
    (home / "sources.toml").write_text(f"{text}query_limit = 100\n")
    try:
        reply = spend(home, "ask", "september by resource", "--live").stdout
    finally:
        (home / "sources.toml").write_text(text)
    assert "one query may read" in reply


def test_a_wrong_setting_is_named(home):
    """The file, the source and the setting; no traceback."""
    text = (home / "sources.toml").read_text()
    (home / "sources.toml").write_text(text.replace('engine = "duckdb"', 'engine = "oracle"'))
    try:
        done = spend(home, "sync")
    finally:
        (home / "sources.toml").write_text(text)
    assert done.returncode == 1
    assert "source 'lake': engine" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
