import re
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.money import plain
from bot.focus.importer import feed_of, import_files

CASES = Path(__file__).parent.parent / "data" / "cases"
EVER = ["2000-01-01", "2040-01-01"]
RIGHT = {
    "a1_more_than_18_decimals.csv": ({"USD": "1.500000735545672255"}, 3),
    "a2_float_text.csv": ({"USD": "1.50000042"}, 2),
    "b1_lowercase_header.csv": ({"USD": "3"}, 0),
    "b3_date_with_time_us.csv": ({"USD": "3"}, 0),
    "b5_utf16.csv": ({"USD": "3"}, 0),
    "b12_empty_month.csv": ({}, 0),
    "e2_listcost_zero.csv": ({"USD": "1.5"}, 0),
    "k11_top_account_two_currencies.csv": ({"GBP": "120", "JPY": "15000"}, 0),
    "k29_one_model_two_spellings.csv": ({"USD": "855"}, 0),
    "p2_list_struct_tags.parquet": ({"USD": "3"}, 0),
    "d1_part_0.csv": ({"USD": "100"}, 0),
    "d1_part_1.csv": ({"USD": "40"}, 0),
    "d2_month_v1.csv": ({"USD": "107"}, 0),
    "d2_month_v2.csv": ({"USD": "100"}, 0),
}
REFUSED = {
    "b14_amount_comma_decimal.csv": "row 2, column BilledCost: '1,50' has a decimal comma",
    "p17_nan_billed.parquet": "row 2, column BilledCost: 'nan' is not a number",
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_file_that_version_0_1_got_wrong_comes_to_its_total(ledger, now, name):
    """What each came to, and how many of its amounts were rounded."""
    (imported,) = import_files(ledger, [CASES / name], now=now)
    totals = {currency: plain(amount) for currency, amount in imported.totals.items()}

    assert (imported.error, totals, imported.rounded) == (None, *RIGHT[name])


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_may_mean_two_things_is_refused_where_it_does(ledger, now, name):
    """With row and column, and nothing of it in the ledger."""
    (imported,) = import_files(ledger, [CASES / name], now=now)

    assert re.search(REFUSED[name], str(imported.error))
    assert ledger.feeds() == []


def test_every_case_is_tried():
    """Each file has its right total or its right refusal here."""
    assert {path.name for path in CASES.iterdir()} == {*RIGHT, *REFUSED}


def test_two_parts_stand_and_a_newer_month_replaces_the_whole_older_one(ledger, now):
    """One import command after the other."""
    for name in ("d1_part_0.csv", "d1_part_1.csv", "d2_month_v1.csv", "d2_month_v2.csv"):
        (imported,) = import_files(ledger, [CASES / name], now=now)

    assert [(item.file, item.charges, item.totals) for item in imported.replaced] == [
        ("d2_month_v1.csv", 2, {"USD": Decimal(107)})
    ]
    assert ledger.connection().execute("SELECT sum(BilledCost) FROM fact").fetchone() == (240,)


def test_tags_of_a_list_of_pairs_are_named_by_their_keys(ledger, now):
    """BigQuery's list of {key, value} gives tags, and no tag called key."""
    import_files(ledger, [CASES / "p2_list_struct_tags.parquet"], now=now)

    assert not {"key", "value"} & set(ledger.query.tag_keys(feed_of("Vendor")))
