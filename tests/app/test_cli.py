import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from bad_words import BAD, NOTHING

ROOT = Path(__file__).parents[2]
COLUMNS = {
    "BilledCost": "1.5",
    "EffectiveCost": "1.5",
    "ListCost": "2",
    "ContractedCost": "1.5",
    "BillingAccountId": "12",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    "ChargePeriodStart": "2026-10-05T00:00:00Z",
    "ChargePeriodEnd": "2026-10-06T00:00:00Z",
    "ChargeCategory": "Usage",
    "ServiceName": "Acme Compute",
    "ServiceCategory": "Compute",
    "ProviderName": "Acme",
    "SubAccountName": "prod",
}


def bill(*rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS))
    writer.writeheader()
    writer.writerows({**COLUMNS, **row} for row in rows)
    return out.getvalue()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a small ledger in it, and nothing else set."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "bill.csv").write_text(bill({}, {"ServiceName": "Acme Store", "BilledCost": "0.25"}))
    assert run(folder, "import", "bill.csv").returncode == 0
    return folder


def run(folder, *words, stdin=None, **environment):
    ours = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    known = {**ours, "HOME": str(folder), "SPEND_NOW": "2026-11-22T09:00:00Z", **environment}
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(command, cwd=folder, env=known, input=stdin, capture_output=True, check=False)


def test_an_answer_loads_only_what_it_needs(home):
    """A cold spend ask loads no vendor's SDK, no server, no TOML and none of the other commands."""
    run(home, "ask", "last month")
    vendors = {
        "boto3",
        "botocore",
        "google.cloud",
        "httpx",
        "slack_bolt",
        "slack_sdk",
        "bot.providers.aws",
        "bot.slack.app",
    }
    others = {
        "apscheduler",
        "babel",
        "bot.app.cli.bills",
        "currency_converter",
        "duckdb",
        "genai_prices",
        "mcp",
        "pyarrow",
    }
    heavy = sorted(vendors | others | {"rich", "structlog", "tomllib"})
    program = (
        "import sys; from bot.app.cli import main; sys.argv = ['spend', 'ask', 'last month by service']; main();"
        f"print(*[name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=home,
        env={"PYTHONPATH": str(ROOT), "HOME": str(home), "SPEND_NOW": "2026-11-22T09:00:00Z"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "$1.75" in done.stdout
    assert done.stderr.split() == []


def test_an_answer_in_the_terminal(home):
    """Spend ask prints the number, how it was read, and the table."""
    done = run(home, "ask", "last month by service")

    assert done.returncode == 0
    assert "$1.75" in done.stdout.decode()
    assert "1–31 Oct 2026" in done.stdout.decode()


def test_json_is_exact_and_complete(home):
    """Spend ask --json carries the question, the exact figures, text and blocks."""
    result = json.loads(run(home, "ask", "last month by service", "--json").stdout)

    assert result["question"]["period"] == {"start": "2026-10-01", "end": "2026-11-01"}
    assert result["answer"]["totals"] == [{"currency": "USD", "amount": "1.75", "against": None}]
    assert [line["amount"] for line in result["answer"]["lines"]] == ["1.5", "0.25"]
    assert result["answer"]["requests"] == {"made": 0, "cost": "0"}
    assert result["text"]
    assert result["blocks"]


STRANGE = {
    "": "NotUnderstood",
    "   ": "NotUnderstood",
    "spend " * 1000: "NotUnderstood",
    "\x00\x07\x1b[31m last month": None,
    "كم أنفقنا": "NotUnderstood",
    "🔥🔥🔥": "NotUnderstood",
    "'; DROP TABLE fact; --": "NotUnderstood",
    "<!channel> last month": None,
    "frobnicator last month": "NotUnderstood",
    "from 10 nov to 3 nov 2026": "NotUnderstood",
    "30 feb 2026": "NotUnderstood",
    "in march 2019": None,
    "last month": None,
}


def test_as_many_lines_out_as_in(home):
    """Whatever is typed, blank lines and broken bytes included, gets one line: an answer or a clear error."""
    stdin = "\n".join(STRANGE).encode() + b"\n\xff\xfe last month\n"
    done = run(home, "ask", "-", "--json", stdin=stdin)
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]

    assert done.returncode == 3
    assert len(lines) == len(STRANGE) + 1
    for (text, expected), line in zip(STRANGE.items(), lines, strict=False):
        error = line.get("error")
        assert expected is None or (error and error["type"] == expected), text
        assert error is None or (error["message"] and "\n" not in error["message"]), text


def test_bad_words_get_one_clear_sentence(home):
    """Each mistake is named for what it is, in one sentence and one hint; the charges stay as they were."""
    before = charges(home)
    stdin = "\n".join(text for text, _ in BAD.values()).encode()
    lines = [json.loads(line) for line in run(home, "ask", "-", "--json", stdin=stdin).stdout.decode().splitlines()]

    for (name, (_, pattern)), line in zip(BAD.items(), lines, strict=True):
        message = line["error"]["message"] if "error" in line else line["text"]
        assert re.search(pattern, message), (name, message)
        assert "error" not in line or line["error"]["hint"]
    assert charges(home) == before


def charges(folder):
    """What the ledger of a folder holds of bills."""
    with closing(sqlite3.connect(folder / "spend.db")) as ledger:
        return ledger.execute("SELECT * FROM focus").fetchall()


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_is_no_question(home, text):
    """An empty question says what to ask."""
    done = run(home, "ask", text)

    assert done.returncode == 3
    assert done.stderr.decode().startswith("I don't see anything to look up in that.\nAsk for ")


def test_two_currencies_are_told_apart_and_said(tmp_path):
    """A file in two currencies lands with both, says so, and is answered with two totals."""
    (tmp_path / "bill.csv").write_text(bill({}, {"BillingCurrency": "EUR", "BilledCost": "2"}))
    text = run(tmp_path, "import", "bill.csv").stdout.decode()
    result = json.loads(run(tmp_path, "ask", "last month", "--json").stdout)

    assert text.endswith(
        "bill.csv: imported 2 charges from 2026-10-05 to 2026-10-05.\n"
        "  It has amounts in EUR and USD, which are never added together.\n"
    )
    assert {total["currency"]: total["amount"] for total in result["answer"]["totals"]} == {"EUR": "2", "USD": "1.5"}


def test_days_before_the_ledger_are_no_data_not_zero(home):
    """A period before the first bill is answered as no data."""
    result = json.loads(run(home, "ask", "in march 2019", "--json").stdout)["answer"]

    assert result["totals"] == []
    assert result["gaps"][0]["what"].startswith("no data before")


def test_an_unknown_word_is_named(home):
    """The error says which word, and exits 3."""
    done = run(home, "ask", "frobnicator last month", "--json")

    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["unknown"] == ["frobnicator"]


def test_a_thread_is_followed_up(home):
    """--thread holds the earlier texts."""
    (home / "thread.json").write_text('["last month"]')
    result = json.loads(run(home, "ask", "by service", "--thread", "thread.json", "--json").stdout)

    assert result["question"]["by"] == ["ServiceName"]
    assert result["question"]["period"]["start"] == "2026-10-01"
    (home / "thread.json").write_text('["last month in EUR"]')
    result = json.loads(run(home, "ask", "by service", "--thread", "thread.json", "--json").stdout)
    assert {line["converted"]["currency"] for line in result["answer"]["lines"]} == {"EUR"}


def test_a_refused_file_exits_2_and_changes_nothing(home):
    """File, row and column on standard error, no traceback."""
    (home / "bad.csv").write_text(bill({}, {"BilledCost": "x"}))
    before = run(home, "ask", "last month", "--json").stdout
    done = run(home, "import", "bad.csv")

    assert done.returncode == 2
    assert b"bad.csv, row 3, column BilledCost: 'x' is not a number." in done.stderr
    assert b"Traceback" not in done.stderr
    assert run(home, "ask", "last month", "--json").stdout == before


@pytest.mark.parametrize(
    ("words", "variable"),
    [(("ask", "last month"), b"PROVIDERS"), (("sync",), b"PROVIDERS"), (("serve",), b"SLACK_BOT_TOKEN")],
)
def test_without_any_configuration_the_command_says_what_is_missing(tmp_path, words, variable):
    """No configuration at all: which variable is missing, where to get it, and no traceback."""
    done = run(tmp_path, *words)

    assert done.returncode == 1
    assert variable in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TIMEZONE", "Mars/Olympus"),
        ("WEEK_START", "noday"),
        ("API_SPEND_CEILING", "lots"),
        ("SPEND_NOW", "tomorrow"),
        ("PROVIDERS", "oracle"),
        ("LEDGER_URL", "mysql://x"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(tmp_path, variable, value):
    """The variable, what is wrong with it, and no traceback."""
    done = run(tmp_path, "sync", **{variable: value})

    assert done.returncode == 1
    assert variable.encode() in done.stderr
    assert b"Traceback" not in done.stderr


def test_python_m_bot_is_spend(home):
    """Every command has help, by either name."""
    done = run(home, "--help")

    for command in (b"ask", b"demo", b"digest", b"doctor", b"export", b"import", b"serve", b"sync"):
        assert command in done.stdout


def test_which_words_became_what(home):
    """Spend ask --explain-reading shows the reading word by word, on a terminal and as JSON."""
    shown = run(home, "ask", "acme store last month", "--explain-reading").stdout.decode()
    result = json.loads(run(home, "ask", "acme store last month", "--explain-reading", "--json").stdout)

    assert [(word["text"], word["meaning"]) for word in result["reading"]] == [
        ("acme store", "ServiceName = Acme Store"),
        ("last month", "period"),
    ]
    assert "acme store               ServiceName = Acme Store" in shown
    assert "reading" not in json.loads(run(home, "ask", "acme store last month", "--json").stdout)


def test_a_slip_in_a_thread_is_passed_over(home, tmp_path):
    """Earlier texts that nobody could read, or that asked for help, do not lose the question before them."""
    (tmp_path / "thread.json").write_text('["acme store last month", "the heroku one", "help"]')
    result = json.loads(run(home, "ask", "by account", "--json", "--thread", str(tmp_path / "thread.json")).stdout)

    assert result["question"]["where"][0]["values"] == ["Acme Store"]
    assert result["question"]["by"] == ["SubAccountName"]


def test_names_of_ones_own_are_read_from_a_file(home, tmp_path):
    """ALIASES_FILE adds to the names that ship, even where a name is a word of ours; what it cannot mean is said."""
    (tmp_path / "ours.toml").write_text('[ServiceName]\n"the warehouse" = "Acme Store"\nstack = ["Acme Comp*"]\n')
    ours = {"ALIASES_FILE": str(tmp_path / "ours.toml")}
    for text, service in (("warehouse last month", "Acme Store"), ("stack last month", "Acme Compute")):
        result = json.loads(run(home, "ask", text, "--json", **ours).stdout)
        assert result["question"]["where"][0]["values"] == [service]

    (tmp_path / "ours.toml").write_text("[Moons]\nio = 'x'\n")
    done = run(home, "ask", "last month", **ours)
    assert done.returncode == 1
    assert b"there is no dimension 'Moons'" in done.stderr


def test_a_model_that_is_named_without_a_key_is_said(home):
    """LANGUAGE_MODEL alone is a setting to mend, not a bot that quietly goes without."""
    done = run(home, "ask", "last month", LANGUAGE_MODEL="claude-haiku-4-5")

    assert done.returncode == 1
    assert b"ANTHROPIC_API_KEY is not set" in done.stderr
