"""What lies on the disk is for the user who runs the bot alone; what leaves it starts nothing anywhere."""

import csv
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running_bot import HTTP_MODE, NOW, environment, serving

from bot.domain.answers import CostAnswer, Line
from bot.domain.question import Question
from bot.render.csv_file import as_csv, safe_cell
from bot.slack.audit import Audit
from simulators.slack.delivery import signed

ROOT = Path(__file__).parents[2]
HEAD = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,ChargePeriodStart,ChargePeriodEnd,BillingPeriodStart,"
    "BillingPeriodEnd,BillingAccountId,BillingCurrency,ChargeCategory,ServiceName,ServiceCategory,ProviderName\n"
)
ROW = "1,1,1,1,2026-11-01,2026-11-02,2026-11-01,2026-12-01,12,USD,Usage,Compute,Compute,Acme\n"


def command(home, workspace, *words, **more):
    """A command under a umask that hides nothing."""
    result = environment(home, workspace, LEDGER_URL="sqlite:///state/spend.db", **more)
    start = [
        sys.executable,
        "-c",
        "import os, sys; os.umask(0); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])",
    ]
    return subprocess.run(
        [*start, "-m", "bot", *words], cwd=home, env=result, capture_output=True, text=True, check=False
    )


def modes(home):
    """Every file and folder that the program made, with who may do what."""
    made = [path for path in home.rglob("*") if path.name != "bill.csv"]
    return {str(path.relative_to(home)): oct(stat.S_IMODE(path.stat().st_mode)) for path in made}


def test_what_is_written_is_for_its_user_alone(tmp_path, workspace):
    """The ledger and its log, backups and exports: 0600, whatever the umask; `spend doctor` has nothing to say."""
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "bill.csv").write_text(HEAD + ROW)
    for words in (["import", "bill.csv"], ["backup", "copy.db"], ["export", "all.csv"], ["export", "all.parquet"]):
        done = command(tmp_path, workspace, *words)
        assert done.returncode == 0, done.stderr
    found = modes(tmp_path)
    assert {"state", "state/spend.db", "copy.db", "all.csv", "all.parquet"} <= set(found)
    del found["state"]
    assert set(found.values()) == {"0o600"}, found


def test_doctor_says_what_others_can_read_or_change(tmp_path, workspace):
    """The ledger, its folder and .env, each with the command that mends it; nothing where all is closed."""
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "bill.csv").write_text(HEAD + ROW)
    command(tmp_path, workspace, "import", "bill.csv")

    def access():
        checks = json.loads(command(tmp_path, workspace, "doctor", "--json").stdout)["checks"]
        return {
            check["what"]: (check["message"], check["hint"]) for check in checks if check["what"].startswith("Access")
        }

    assert access() == {}
    (tmp_path / ".env").write_text("")
    (tmp_path / ".env").chmod(0o644)
    (tmp_path / "state" / "spend.db").chmod(0o666)
    (tmp_path / "state").chmod(0o777)
    found = access()
    assert found["Access to .env"] == ("others can read it.", "Run: chmod 600 .env")
    assert found["Access to state/spend.db"] == ("others can change it.", "Run: chmod 600 state/spend.db")
    assert found[f"Access to {tmp_path}/state"][0] == "others can put files into it."


FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
STARTS = st.sampled_from([*FORMULAS, '=HYPERLINK("x")', "-1+cmd|'/C calc'!A0"])


@given(st.tuples(STARTS, st.text(max_size=20)).map("".join))
def test_no_name_starts_a_formula_in_a_spreadsheet(name):
    """A cell with a name never begins as a formula does; a figure stays a number, negative ones too."""
    line = Line(key={"ServiceName": name}, currency="USD", amount=Decimal("-12.50"), against=Decimal(0))
    content = as_csv(Question(by=("ServiceName",)), CostAnswer(lines=(line,)))
    row = next(csv.DictReader(io.StringIO(content, newline="")))
    figure = re.fullmatch(r"[+-]?\d+(\.\d+)?", name)
    assert figure or not row["ServiceName"].startswith(FORMULAS)
    assert Decimal(row["Amount"]) == Decimal("-12.5")
    assert not safe_cell(name).startswith(FORMULAS)


def test_the_audit_log_starts_no_formula(ledger):
    """What people typed stands in the log as they typed it, behind an apostrophe."""
    audit = Audit(ledger.memory, lambda: NOW)
    audit.note("T1", "U1", "asked", question='=HYPERLINK("https://evil.example")')
    assert "'=HYPERLINK" in audit.as_csv("T1")


def test_a_payload_that_nobody_listens_to_is_not_logged(tmp_path, workspace):
    """Signed or not, what a body holds stays out of the log; so does what looks like a key, and endless lines."""
    with serving(tmp_path, workspace, **HTTP_MODE) as bot:
        body = json.dumps({"type": "event_callback", "team_id": "T0LUMEN", "event": {"type": "x", "text": "a secret"}})
        headers = [*signed(body.encode()).items(), ("Content-Type", "application/json")]
        assert bot.request("POST", "/slack/events", headers, body.encode())[0] in {200, 404}
        assert "a secret" not in "".join(bot.log_after(0))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_the_systemd_unit_gives_away_what_it_does_not_need():
    """Capabilities, system calls, address families, devices, the rest of the disk: systemd's own measure of it."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(ROOT / "deploy" / "spend.service")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_COLORS": "0"},
    )
    assert done.returncode == 0, done.stdout[-2000:]
