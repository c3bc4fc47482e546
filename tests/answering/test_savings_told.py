"""Savings are told of each source as far as its bill tells them; silence is no zero."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from earlier_ledgers import of_version
from seen import seen, text

from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.feed import ANY_TAG, Feed
from bot.domain.period import DAY, Period
from bot.domain.question import DIMENSIONS
from bot.focus.importer import import_files
from bot.ledger import Ledger

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ON = date(2026, 11, 3)
GRAIN = frozenset({*DIMENSIONS, ANY_TAG})
AWS = Feed(source="aws", name="bill", grain=frozenset({"ServiceProviderName", "ServiceName", "ChargeCategory"}))
FINE = Feed(source="aws", name="data export", grain=GRAIN | {"CommitmentDiscountStatus"})
GCP = Feed(source="gcp", name="fine", grain=GRAIN | {"CommitmentDiscountStatus"})
OPENAI = Feed(source="openai", name="project × line item", grain=GRAIN)
FOCUS = """BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingCurrency,BillingPeriodStart,\
BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,ServiceProviderName,CommitmentDiscountStatus
8,8,{list_cost},8,1,USD,2026-11-01,2026-12-01,2026-11-03,2026-11-04,Usage,Tower,Acme,
0,3,5,4,1,USD,2026-11-01,2026-12-01,2026-11-03,2026-11-04,Usage,Tower,Acme,Used
"""


def charge(vendor, billed, *, day=ON, **more):
    """One charge of a vendor."""
    result = {"service_name": f"{vendor} things", "billing_currency": "USD", **more}
    return Charge(day=day, billed_cost=Decimal(billed), service_provider_name=vendor, **result)


def land(ledger, feed, *charges, day=ON):
    """All that a feed tells of a day."""
    ledger.replace(feed, Period(start=day, end=day + DAY), charges, synced=NOW)


@pytest.fixture
def asker(ledger):
    """AWS by Cost Explorer, Google by its export, OpenAI: three vendors that tell different things."""
    land(ledger, AWS, charge("AWS", "90", effective_cost=Decimal(70)), charge("AWS", "-15.5", charge_category="Credit"))
    google = {"list_cost": Decimal(12), "contracted_cost": Decimal(10), "effective_cost": Decimal("7.5")}
    land(ledger, GCP, charge("Google Cloud", "7.5", **google))
    land(ledger, OPENAI, charge("OpenAI", "40"))
    return AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))


def told(asker, words="savings this month"):
    """The one currency's savings, and the whole reply."""
    reply = asker.ask(words)
    (found,) = seen(reply).values
    return found, reply


def test_a_price_that_was_copied_from_the_bill_is_no_price(asker):
    """Only Google tells list and contracted prices, so only its negotiated rates count; the others are named."""
    found, reply = told(asker)
    assert (found["negotiated"], found["discounts"], found["credits"]) == ("2", "2.5", "15.5")
    assert (found["commitments"], found["total"], found["coverage"]) == (None, "20", None)
    assert found["unknown"] == {
        "negotiated": ["aws", "openai"],
        "commitments": ["aws", "gcp", "openai"],
        "discounts": ["aws", "openai"],
        "credits": ["openai"],
        "refunds": ["openai"],
    }
    assert text(reply) == "At least $20.00 saved in total, 1–22 Nov 2026."
    unknown, mixed = seen(reply).notes
    assert unknown == (
        "Not known: negotiated rates and discounts for AWS and OpenAI; commitments for AWS, Google Cloud and OpenAI;"
        " credits and refunds for OpenAI."
    )
    assert mixed == "Google Cloud discounts include commitment savings, which the bill does not separate."


def test_of_a_synced_bill_it_is_said_for_what_part_prices_are_known(asker, ledger):
    """Where one SKU of two has a list price, savings and cost at list price say for which part, as of a file."""
    listed = {"list_cost": Decimal(12), "contracted_cost": Decimal(10), "effective_cost": Decimal("7.5")}
    plain = charge("Google Cloud", "2.5", sku_id="b", contracted_cost=Decimal("2.5"), effective_cost=Decimal("2.5"))
    land(ledger, GCP, charge("Google Cloud", "7.5", sku_id="a", **listed), plain)

    saved, at_list = asker.ask("savings on google this month"), asker.ask("google at list price this month")

    assert seen(saved).values[0]["negotiated"] == "2"
    assert any("list cost is known for 75% of the usage; savings" in note for note in seen(saved).notes)
    assert at_list.answer.totals[0].amount == Decimal("14.5")
    assert any("known for 75% of the usage; billed cost is used" in note for note in seen(at_list).notes)


def test_what_an_earlier_version_synced_notes_no_part(asker, ledger):
    """Charges that do not say which of them lack a price leave it unknown of all, and no part is made up."""
    land(ledger, GCP, charge("Google Cloud", "5", day=ON + DAY), day=ON + DAY)
    with ledger.transaction() as connection:
        connection.execute("UPDATE detail SET x = '' WHERE x LIKE '%x_UnknownCosts%'")
    assert told(asker, "savings on google")[0]["negotiated"] is None


def test_nothing_is_known_where_the_only_vendor_tells_nothing(asker):
    """Asked about OpenAI alone, every part is null, never zero."""
    found, _ = told(asker, "savings on openai this month")
    assert {found[part] for part in ("negotiated", "commitments", "discounts", "credits", "refunds")} == {None}


def test_a_finer_feed_tells_what_the_bill_does_not(asker, ledger):
    """With a data export beside Cost Explorer, the same source tells its commitments."""
    prices = {"list_cost": Decimal(100), "contracted_cost": Decimal(90)}
    used = charge("AWS", "0", effective_cost=Decimal(60), commitment_discount_status="Used", **prices)
    plain = {"list_cost": Decimal("74.5"), "contracted_cost": Decimal("74.5"), "effective_cost": Decimal("74.5")}
    land(ledger, FINE, used, charge("AWS", "74.5", commitment_discount_status="", **plain))
    found, _ = told(asker, "savings on aws this month")
    assert (found["negotiated"], found["commitments"], found["utilisation"]) == ("10", "30", "1")
    assert found["unknown"] == {}


def test_a_price_is_known_for_the_days_it_was_told_for(asker, ledger):
    """With a day without prices the answer says for what part they are known; asked without that day, they all are."""
    land(ledger, GCP, charge("Google Cloud", "5", day=ON + DAY), day=ON + DAY)
    found, reply = told(asker, "savings on google")
    assert found["negotiated"] == "2"
    assert any("list cost is known for 60% of the usage; savings" in note for note in seen(reply).notes)
    assert told(asker, "savings on google on 3 november")[0]["negotiated"] == "2"
    priced = charge("Google Cloud", "5", day=ON + DAY, list_cost=Decimal(6), contracted_cost=Decimal(5))
    land(ledger, GCP, priced, day=ON + DAY)
    assert told(asker, "savings on google")[0]["negotiated"] == "3"


@pytest.mark.parametrize(("list_cost", "negotiated"), [("10", "3"), ("", None)])
def test_a_file_tells_what_its_cells_tell(ledger, tmp_path, list_cost, negotiated):
    """A FOCUS file with list costs tells negotiated rates; one that leaves a list cost empty does not."""
    (tmp_path / "bill.csv").write_text(FOCUS.format(list_cost=list_cost))
    import_files(ledger, [tmp_path / "bill.csv"], now=NOW)
    found, _ = told(AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC)))
    assert (found["negotiated"], found["commitments"]) == (negotiated, "1")


def test_cost_at_list_price_says_whose_prices_are_not_told(asker):
    """Where a vendor tells no list price, what it billed stands in, and the answer says so."""
    notes = seen(asker.ask("spend at list price this month")).notes
    assert "AWS and OpenAI: list cost is not available, so billed cost is used instead." in notes
    assert not [
        note for note in seen(asker.ask("google spend at list price this month")).notes if "not available" in note
    ]


def test_a_ledger_from_before_holds_prices_that_never_differ_for_copies(ledger, tmp_path):
    """An earlier version noted nothing of prices: those that equal the bill throughout count as untold."""
    land(ledger, OPENAI, charge("OpenAI", "40"))
    land(ledger, GCP, charge("Google Cloud", "7", list_cost=Decimal(9), contracted_cost=Decimal(8)))
    newest = tmp_path / "newest.db"
    ledger.backup(newest)
    migrated = Ledger(of_version(tmp_path / "before.db", 3, newest))
    days = Period(start=ON, end=ON + DAY)
    assert migrated.query.unknown_columns(OPENAI, days) == {"ListCost", "ContractedCost", "CommitmentDiscountStatus"}
    assert migrated.query.unknown_columns(GCP, days) == {"CommitmentDiscountStatus"}
    migrated.close()


MIXED = FOCUS.format(list_cost=10) + FOCUS.format(list_cost=0).partition("\n")[2].replace("8,8,0,8,", "2,2,0,2,")


def test_prices_that_are_told_of_a_part_say_of_which(ledger, tmp_path):
    """Of 8 of 10 dollars the list price is known: 4 are saved there, and the rest stands in as billed."""
    (tmp_path / "mixed.csv").write_text(MIXED)
    import_files(ledger, [tmp_path / "mixed.csv"], now=NOW)
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    saved, listed = asker.ask("savings in november"), asker.ask("november at list price")

    assert seen(saved).values[0]["negotiated"] == "4"
    assert any("list cost is known for 80% of the usage; savings" in note for note in seen(saved).notes)
    assert listed.answer.totals[0].amount == Decimal(22)
    assert any("known for 80% of the usage; billed cost is used" in note for note in seen(listed).notes)
