"""`spend serve` and `spend digest` as processes, against the simulated workspace."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.cookies import SimpleCookie

import httpx
import pytest
from cryptography.fernet import Fernet

from simulators.slack import ADMIN, APP_TOKEN, BOT_TOKEN, CLIENT_ID, CLIENT_SECRET, MEMBER, SIGNING_SECRET, Workspace

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
COSTS = "#cloud-costs"
AMOUNTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
DATES = ("ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingPeriodEnd")
REST = {
    "BillingAccountId": "12",
    "BillingCurrency": "USD",
    "ChargeCategory": "Usage",
    "ServiceName": "",
    "ServiceCategory": "Compute",
    "ProviderName": "Acme",
    "SubAccountName": "prod",
}
DIGESTS = """
[[digest]]
name = "daily"
channel = "#cloud-costs"
at = "08:30"
questions = ["yesterday by service"]

[[digest]]
name = "weekly"
channel = "#cloud-costs"
at = "23:00"
days = "fri"
"""


def bill():
    """Two services, every day from the first of September to yesterday."""
    out = io.StringIO()
    table = csv.DictWriter(out, [*AMOUNTS, *DATES, *REST])
    table.writeheader()
    for day in (date(2026, 9, 1) + timedelta(n) for n in range(82)):
        month = day.replace(day=1)
        dates = dict(zip(DATES, (day, day + timedelta(1), month, (month + timedelta(31)).replace(day=1)), strict=True))
        when = {name: f"{item}T00:00:00Z" for name, item in dates.items()}
        for service, cost in (("Acme Compute", "10.5"), ("Acme Store", "2.25")):
            table.writerow({**dict.fromkeys(AMOUNTS, cost), **when, **REST, "ServiceName": service})
    return out.getvalue()


@pytest.fixture
def ws():
    with Workspace(now=lambda: NOW.timestamp() + time.monotonic() % 1000) as workspace:
        yield workspace


@pytest.fixture
def home(tmp_path, ws):
    """A folder with three months of a bill in a ledger, digests and what it takes to reach the workspace."""
    (tmp_path / "bill.csv").write_text(bill())
    (tmp_path / "digests.toml").write_text(DIGESTS)
    assert command(tmp_path, ws, "import", "bill.csv").returncode == 0
    return tmp_path


def environment(home, ws, **more):
    known = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "HOME": str(home),
        "SPEND_NOW": NOW.isoformat(),
        "SLACK_API_URL": ws.api_url,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "HOST": "127.0.0.1",
        "PORT": "0",
        "LOG_FORMAT": "json",
    }
    return {name: value for name, value in {**known, **more}.items() if value}


def command(home, ws, *words, **more):
    start = [sys.executable, "-m", "bot", *words]
    return subprocess.run(
        start, cwd=home, env=environment(home, ws, **more), capture_output=True, text=True, check=False
    )


@contextmanager
def serving(home, ws, *words, **more):
    """The process; its log lines so far; where it listens."""
    started = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve", *words],
        cwd=home,
        env=environment(home, ws, **more),
        stderr=subprocess.PIPE,
        text=True,
    )
    text = []
    reader = threading.Thread(target=lambda: text.extend(iter(started.stderr.readline, "")))
    reader.start()
    try:
        until = time.monotonic() + 20
        while not (found := [line for line in text if '"serving"' in line]):
            assert started.poll() is None, "".join(text)
            assert time.monotonic() < until, "".join(text)
            time.sleep(0.02)
        yield started, text, f"http://127.0.0.1:{json.loads(found[0])['port']}"
    finally:
        started.kill()
        started.wait()
        reader.join()
        started.stderr.close()


def get(url):
    answer = httpx.get(url, timeout=10)
    return answer.status_code, answer.headers, answer.text


def answered(ws, amount):
    """Waits for the answer with an amount; on a busy machine a note that it is being read comes first."""
    return ws.wait_for(lambda: [item for item in ws.from_bot(COSTS, None, MEMBER) if amount in item["text"]])


def test_it_answers_posts_its_digest_tells_how_it_is_and_leaves_cleanly(home, ws):
    """Over Socket Mode: a command is answered, the digest that was due comes once, SIGTERM ends it with 0."""
    with serving(home, ws) as (process, text, url):
        ws.wait_connected()
        assert get(f"{url}/healthz")[::2] == (200, "ok\n")
        ws.slash(MEMBER, COSTS, "/spend", "last month by service")
        assert answered(ws, "$395.25")
        digest = ws.wait_for(lambda: [m for m in ws.from_bot(COSTS) if m.get("metadata")])
        assert [m["metadata"]["event_payload"] for m in digest] == [{"digest": "daily", "period": "2026-11-22"}]
        counted = 'spend_posts_total{outcome="posted",what="digest"} 1.0'
        result = ws.wait_for(lambda: counted in (page := get(f"{url}/metrics")[2]) and page)
        assert 'spend_questions_total{kind="cost",outcome="answered"}' in result
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert not [line for line in text if '"error"' in line or "Traceback" in line]
    assert BOT_TOKEN not in "".join(text)


def test_a_digest_runs_from_the_terminal_once_for_its_period(home, ws):
    """Listed with when it runs; shown without posting; posted once however often it is called, unless again."""
    listed = command(home, ws, "digest").stdout
    assert "daily: every day at 08:30 to #cloud-costs; next Mon 23 Nov 08:30; not posted yet" in listed
    dry = json.loads(command(home, ws, "digest", "daily", "--dry-run", SLACK_BOT_TOKEN="").stdout)
    assert dry["blocks"]
    assert "$12.75 on Sat 21 Nov" in dry["text"]
    assert ws.from_bot(COSTS) == []
    assert command(home, ws, "digest", "daily").stdout == "daily for 2026-11-22: posted.\n"
    assert command(home, ws, "digest", "daily").stdout == "daily for 2026-11-22: already.\n"
    assert len([m for m in ws.from_bot(COSTS) if m.get("metadata")]) == 1
    assert command(home, ws, "digest", "daily", "--again").returncode == 0
    assert len([m for m in ws.from_bot(COSTS) if m.get("metadata")]) == 2
    assert "last 2026-11-22: done" in command(home, ws, "digest").stdout


@pytest.mark.parametrize(
    ("words", "wrong", "result"),
    [
        (("digest", "monthly"), {}, (3, "There is no digest called 'monthly'.")),
        (("digest", "daily"), {"SLACK_BOT_TOKEN": ""}, (1, "SLACK_BOT_TOKEN is not set.")),
        (("digest", "daily"), {"SLACK_BOT_TOKEN": "xoxb-wrong"}, (1, "failed")),
        (("serve",), {"SLACK_BOT_TOKEN": "xoxb-wrong"}, (1, "Slack refuses SLACK_BOT_TOKEN")),
        (("serve",), {"SLACK_APP_TOKEN": "xapp-wrong"}, (1, "Slack refuses SLACK_APP_TOKEN: invalid_auth.")),
        (("serve",), {"SLACK_APP_TOKEN": ""}, (1, "Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set.")),
        (("serve",), {"SLACK_API_URL": "http://127.0.0.1:9/api/"}, (1, "Slack does not answer")),
        (("serve",), {"SPEND_ADMINS": "amara"}, (1, "SPEND_ADMINS: 'amara' is not a member ID")),
    ],
)
def test_what_is_missing_or_wrong_is_one_sentence(home, ws, words, wrong, result):
    """Whoever runs it reads what is wrong and what to do, without a traceback."""
    done = command(home, ws, *words, **wrong)
    status, sentence = result
    assert done.returncode == status
    assert sentence in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_digests_file_that_says_what_cannot_be_is_named(home, ws):
    """The file, the digest and the key."""
    (home / "digests.toml").write_text('[[digest]]\nname = "daily"\nchannel = "#c"\nat = "25:00"\n')
    done = command(home, ws, "digest")
    assert done.returncode == 1
    assert "digests.toml, digest 'daily'" in done.stderr


def test_installed_over_http_a_workspace_sees_what_it_was_given(home, ws):
    """In HTTP mode the app is installed at /slack/install and answers at /slack/events, within its sources."""
    ws.store.installs.clear()
    (home / "sources.toml").write_text('[[workspace]]\nteam = "T0LUMEN"\nsources = ["*"]\n')
    http = {
        "SLACK_BOT_TOKEN": "",
        "SLACK_APP_TOKEN": "",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_CLIENT_ID": CLIENT_ID,
        "SLACK_CLIENT_SECRET": CLIENT_SECRET,
        "SPEND_ENCRYPTION_KEY": Fernet.generate_key().decode(),
    }
    with serving(home, ws, **http) as (_, _, url):
        cookie = SimpleCookie(get(f"{url}/slack/install")[1]["Set-Cookie"])
        state = next(iter(cookie.values())).value
        query = {"code": ws.oauth_code("T0LUMEN", ADMIN), "state": state}
        cookies = "; ".join(f"{name}={item.value}" for name, item in cookie.items())
        answer = httpx.get(f"{url}/slack/oauth_redirect", params=query, headers={"Cookie": cookies})
        assert answer.status_code == 200
        ws.connect_http(f"{url}/slack/events")
        ws.slash(MEMBER, COSTS, "/spend", "last month")
        assert answered(ws, "$395.25")


def test_charges_are_kept_as_long_as_was_set(home, ws):
    """With KEEP_MONTHS what is older is let go of; the rest stays exact, and what is gone is said."""

    def since_september():
        answer = json.loads(command(home, ws, "ask", "since 1 september 2026", "--json").stdout)["answer"]
        return answer["totals"][0]["amount"], answer["gaps"]

    assert since_september() == ("1045.5", [])
    with serving(home, ws, KEEP_MONTHS="1"):
        until = time.monotonic() + 20
        while since_september()[0] == "1045.5" and time.monotonic() < until:
            time.sleep(0.2)
    amount, gaps = since_september()
    assert amount == "663"
    assert "1 Oct 2026" in gaps[0]["what"]
