"""A closed month against its invoice, and credits against their grant, in the terminal."""

import json

import pytest
from test_cli import bill, run


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """October's bill, with a credit, and a charge of 1 November that October's invoice has."""
    folder = tmp_path_factory.mktemp("invoices")
    credit = {"ChargeCategory": "Credit", "ServiceName": "Acme Store", "BilledCost": "-0.5"}
    late = {"ChargePeriodStart": "2026-11-01T00:00:00Z", "ChargePeriodEnd": "2026-11-02T00:00:00Z"}
    rows = [{}, {"ServiceName": "Acme Store", "BilledCost": "0.25"}, credit, {**late, "BilledCost": "4"}]
    (folder / "bill.csv").write_text(bill(*rows))
    assert run(folder, "import", "bill.csv").returncode == 0
    return folder


def reconciled(home, month, invoice):
    sources = json.loads(run(home, "ask", "how fresh is the data?", "--json").stdout)["answer"]["as_of"]
    return run(home, "reconcile", month, "--source", sources[0]["source"], "--invoice", invoice, "--json")


def test_a_month_is_what_its_invoice_has(home):
    """Charges of another day that are invoiced in the month count, credits do; agreement ends well."""
    done = reconciled(home, "2026-10", "5.25")
    result = json.loads(done.stdout)
    assert (done.returncode, result["charged"], result["difference"], result["agrees"]) == (0, "5.25", "0", True)
    assert json.loads(reconciled(home, "October", "$5.25").stdout) == result


def test_the_charges_that_make_the_difference_are_named(home):
    """An invoice without the credit is more by it, and the credit is named."""
    done = reconciled(home, "2026-10", "5.75")
    result = json.loads(done.stdout)
    assert (done.returncode, result["difference"], result["explained"]) == (1, "0.5", True)
    assert result["pieces"] == [{"key": {"ChargeCategory": "Credit"}, "amount": "-0.5"}]


def test_without_a_figure_the_vendors_word_is_needed(home):
    """A vendor that tells no invoices leaves nothing to compare: the refusal says so, and how to go on."""
    sources = json.loads(run(home, "ask", "how fresh is the data?", "--json").stdout)["answer"]["as_of"]
    done = run(home, "reconcile", "2026-10", "--source", sources[0]["source"])
    assert done.returncode == 3
    assert "no invoice for October 2026 is known" in done.stderr.decode()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["2026-13", "--source", "x", "--invoice", "1"], "is not a month"),
        (["2026-10", "--source", "x", "--invoice", "1"], "no source"),
        (["2026-10", "--source", "x", "--invoice", "one"], "is not an amount"),
    ],
)
def test_what_cannot_be_read_is_said(home, words, why):
    """A month, a source or an amount that is none is refused in a sentence."""
    done = run(home, "reconcile", *words)
    assert done.returncode == 3
    assert why in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_grant_in_the_sources_file_is_what_credits_are_taken_from(home):
    """Half a dollar of ten was used in October; what is left is exact, and ends when the file says."""
    grant = '[[credit]]\nsource = "Acme"\nname = "Gift"\namount = "10 USD"\nstart = 2026-10-01\nexpires = 2026-12-31\n'
    (home / "grants.toml").write_text(grant)
    done = run(home, "ask", "how many credits are left", "--json", SOURCES_FILE="grants.toml")
    (found,) = json.loads(done.stdout)["answer"]["values"]
    assert (found["name"], found["left"], found["granted"], found["expires"]) == ("Gift", "9.5", "10", "2026-12-31")
    (home / "grants.toml").write_text(grant.replace("10 USD", "a lot"))
    refused = run(home, "ask", "how many credits are left", SOURCES_FILE="grants.toml")
    assert refused.returncode == 1
    assert "grants.toml, credit 1" in refused.stderr.decode()
