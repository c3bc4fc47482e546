"""The labelled questions that lie beside the repository, where they do."""

import csv
import gzip
import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.language import Vocabulary

LABELLED = Path(__file__).parents[3] / "shared" / "questions"
OURS = Path(__file__).parent / "acme_sentences.jsonl"
COLUMNS = (
    "ServiceName", "ServiceCategory", "SubAccountName", "BillingAccountName", "RegionId", "SkuId", "ChargeCategory",
    "PricingCategory", "ResourceId", "x_Model", "x_TokenType", "x_ApiKeyName", "x_UserName",
)  # fmt: skip
RECENT = "2026-08"


@pytest.fixture(scope="module")
def acme():
    """The vocabulary of the bill that the labelled questions are asked of."""
    if not LABELLED.is_dir():
        pytest.skip("the labelled questions are not beside this checkout")
    costs, also = defaultdict(Decimal), defaultdict(set)
    with gzip.open(LABELLED / "ledger.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cost = Decimal(row["BilledCost"]) if row["ChargePeriodStart"] >= RECENT else Decimal(0)
            tags = {f"Tags/{key}": value for key, value in json.loads(row["Tags"] or "{}").items()}
            named = {"ServiceProviderName": row["ProviderName"], **{name: row[name] for name in COLUMNS}, **tags}
            for pair in named.items():
                costs[pair] += cost
            also["SubAccountName", row["SubAccountName"]].add(row["SubAccountId"])
            also["RegionId", row["RegionId"]].add(row["RegionName"])
    values = [(*pair, cost, tuple(also[pair] - {pair[1]})) for pair, cost in costs.items() if pair[1]]
    return Vocabulary(values, first_day=date(2025, 1, 1))


def test_at_least_98_of_100_labelled_questions_are_read_exactly(acme, reads, compared, record_property):
    """No model, no network: each question equals an accepted reading, or names the words that are unknown."""
    rows = [json.loads(line) for line in (LABELLED / "dev.jsonl").read_text("utf-8").splitlines()]
    wrong = [
        row["text"]
        for row in rows
        if not any(
            _right(reads([*row.get("thread", ()), row["text"]], row["today"], acme), accepted, compared)
            for accepted in row["accept"]
        )
    ]
    record_property("right", f"{len(rows) - len(wrong)} of {len(rows)}")
    assert len(wrong) <= len(rows) * 0.02, wrong


def test_further_sentences_of_that_bill_are_read_exactly(acme, reads, compared):
    """Over 600 sentences and threads of our own, of a bill that nobody here wrote, give exactly their question."""
    rows = [json.loads(line) for line in OURS.read_text("utf-8").splitlines()]
    wrong = [
        row["text"]
        for row in rows
        if reads([*row.get("thread", ()), row["text"]], "2026-11-22", acme)
        != (compared(row["question"]) if "question" in row else row["unknown"])
    ]
    assert len(rows) > 600
    assert wrong == []


def _right(outcome, accepted, compared):
    if "error" not in accepted:
        return outcome == compared(accepted)
    text = " ".join(outcome).casefold() if isinstance(outcome, list) else ""
    return all(any(word in text for word in item.casefold().split()) for item in accepted["unknown"])
