"""``spend alias`` and ``spend doctor language``: a team's own words in the terminal."""

import json

import pytest
from test_cli import bill, run


@pytest.fixture
def home(tmp_path):
    """A folder with a small ledger in it, and nothing else set."""
    (tmp_path / "bill.csv").write_text(bill({}, {"SubAccountName": "lab", "BilledCost": "0.25"}))
    assert run(tmp_path, "import", "bill.csv").returncode == 0
    return tmp_path


def test_a_phrase_is_taught_listed_used_and_undone(home):
    """Each step in a process of its own: what one teaches the next one reads."""
    assert run(home, "ask", "blue thing last month").returncode == 3
    added = run(home, "alias", "blue thing", "=", "prod")
    assert added.returncode == 0, added.stderr
    assert "now means account prod" in added.stdout.decode()
    answer = json.loads(run(home, "ask", "blue thing last month", "--json").stdout)
    assert answer["question"]["where"] == [{"dimension": "SubAccountName", "values": ["prod"], "exclude": False}]
    assert "“blue thing” = prod" in answer["read_as"]
    (listed,) = json.loads(run(home, "alias", "--json").stdout)["aliases"]
    assert (listed["phrase"], listed["expression"], listed["where"]) == (
        "blue thing",
        "prod",
        answer["question"]["where"],
    )
    assert run(home, "alias", "undo").returncode == 0
    assert run(home, "ask", "blue thing last month").returncode == 3
    assert json.loads(run(home, "alias", "--json").stdout) == {"aliases": []}


def test_what_hides_a_word_is_refused(home):
    """Exit code 3 and a sentence; nothing is taught."""
    done = run(home, "alias", "last month = prod")
    assert done.returncode == 3
    assert "would hide it" in done.stderr.decode()
    assert json.loads(run(home, "alias", "--json").stdout) == {"aliases": []}


def test_the_doctor_turns_refusals_into_aliases_and_test_cases(home):
    """How often, the unknown word, the nearest names, an alias line and a test case; amounts are struck out."""
    for _ in range(2):
        run(home, "ask", "prodd2 spend over $5,000 last month")
    run(home, "ask", "-", stdin=b"zorg by day\nlast month\nthe blue cluster last month\n")
    found = {
        candidate["phrase"]: candidate
        for candidate in json.loads(run(home, "doctor", "language", "--json").stdout)["candidates"]
    }
    assert set(found) == {"prodd2 spend over [amount] last month", "zorg by day", "the blue cluster last month"}
    one = found["prodd2 spend over [amount] last month"]
    assert (one["times"], one["kinds"], one["unknown"]) == (2, ["refused"], ["prodd2"])
    assert one["nearest"]["prodd2"][0] == "prod"
    assert one["aliases"] == ['spend alias "prodd2" = prod']
    assert one["case"]["accept"] == [{"error": "NotUnderstood", "unknown": ["prodd2"]}]
    assert found["the blue cluster last month"]["unknown"] == ["blue cluster"]
    shown = run(home, "doctor", "language").stdout.decode()
    assert "2 × prodd2 spend over [amount] last month" in shown
    assert "test case: {" in shown


def test_nothing_is_kept_where_that_is_switched_off(home):
    """CORRECTIONS_DAYS=0 keeps no sentence."""
    run(home, "ask", "zorg by day", CORRECTIONS_DAYS="0")
    assert json.loads(run(home, "doctor", "language", "--json").stdout) == {"candidates": []}
