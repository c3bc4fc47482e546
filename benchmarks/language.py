"""How long a sentence takes to read, and whether any input breaks the reading.

Sentences of the tests, mutations of them, words of theirs at random and any characters there are, against a
vocabulary of 20,000 values. Garbage collection is on, as in the bot; times are the processor's own, so that a busy
machine changes little.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

from bot.domain.errors import CostError
from bot.language import Vocabulary, read

TODAY = date(2026, 11, 22)
VALUES = 20_000
_SENTENCES = Path(__file__).parents[1] / "tests" / "language" / "sentences.jsonl"
_LETTERS = "abcdefghijklmnopqrstuvwxyz 0123456789$%<>&:*_`-/#@'\"|,.;()=+"
_STEMS = (
    "orders", "search", "billing", "data", "growth", "web", "mobile", "edge", "fraud", "ledger", "media", "mail",
    "ingest", "train", "infer", "cache",
)  # fmt: skip
_SHARES = {
    "ServiceName": 0.03, "SubAccountName": 0.15, "RegionId": 0.005, "SkuId": 0.4, "x_Model": 0.01, "x_ApiKeyName": 0.05,
    "x_UserName": 0.05, "Tags/team": 0.02, "Tags/env": 0.001, "Tags/project": 0.05, "ResourceId": 0.234,
}  # fmt: skip


def run(count: int = 100_000) -> None:
    """Print times by kind of input, and everything that crashed or was slow."""
    vocabulary, seconds = _built()
    print(f"vocabulary of {VALUES:,} values: built in {1000 * seconds:,.0f} ms")
    texts = [json.loads(line)["text"] for line in _SENTENCES.read_text("utf-8").splitlines()]
    chance = random.Random(7)
    for name, inputs in (
        ("sentences, first time", iter(texts)),
        ("sentences, again", iter(texts)),
        ("mutated sentences", _mutated(texts, chance, count // 2)),
        ("words at random", _shuffled(texts, vocabulary, chance, count // 4)),
        ("any characters", _anything(chance, count - count // 2 - count // 4)),
    ):
        _measure(name, inputs, vocabulary)


def _measure(name: str, inputs: Iterator[str], vocabulary: Vocabulary) -> None:
    times, slowest = [], ("", 0.0)
    for text in inputs:
        start = time.thread_time()
        with suppress(CostError):
            read(text, today=TODAY, vocabulary=vocabulary)
        spent = 1000 * (time.thread_time() - start)
        times.append(spent)
        slowest = max(slowest, (text, spent), key=lambda item: item[1])
    p = statistics.quantiles(times, n=1000, method="inclusive")
    print(
        f"{name:<24} {len(times):>8,} read or refused, ms: p50 {p[499]:.2f}  p95 {p[949]:.2f}  p99.9 {p[998]:.2f}"
        f"  max {slowest[1]:.1f} {slowest[0][:60]!r}"
    )


def _built() -> tuple[Vocabulary, float]:
    chance = random.Random(20)
    stems = _STEMS
    rows: list[tuple[str, str, Decimal, tuple[str, ...]]] = []
    for dimension, share in _SHARES.items():
        for number in range(int(VALUES * share)):
            stem = chance.choice(stems)
            value = f"{stem}-{chance.choice(stems)}-{number}" if number % 3 else f"{stem.title()}{number} Unit"
            rows.append((dimension, value, Decimal(chance.randrange(10**6)), (f"{chance.randrange(10**12):012}",)))
    known = ("AWS", "Google Cloud", "OpenAI", "Anthropic")
    rows += [("ServiceProviderName", name, Decimal(10), ()) for name in known]
    rows += [
        ("ServiceName", name, Decimal(5), ()) for name in ("Amazon Simple Storage Service", "BigQuery", "AWS Lambda")
    ]
    start = time.thread_time()
    found = Vocabulary(rows, tag_keys=("team", "env", "project"), first_day=date(2025, 3, 1))
    return found, time.thread_time() - start


def _mutated(texts: list[str], chance: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        letters = list(chance.choice(texts))
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(letters) + 1)
            match chance.randrange(4):
                case 0 if letters:
                    letters.pop(min(at, len(letters) - 1))
                case 1:
                    letters.insert(at, chance.choice(_LETTERS))
                case 2 if len(letters) > 1:
                    other = chance.randrange(len(letters) - 1)
                    letters[other : other + 2] = letters[other : other + 2][::-1]
                case _:
                    letters[at:at] = chance.choice(texts)[: chance.randint(1, 80)]
        yield "".join(letters)


def _shuffled(texts: list[str], vocabulary: Vocabulary, chance: random.Random, count: int) -> Iterator[str]:
    words = sorted({word for text in texts for word in text.split()})
    values = [value for dimension in _SHARES for value in vocabulary.values(dimension)[:50]]
    for _ in range(count):
        yield " ".join(chance.choice(words if chance.random() < 0.8 else values) for _ in range(chance.randint(1, 25)))


def _anything(chance: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        most = 0x10FFFF if chance.random() < 0.3 else 0x2FF
        yield "".join(chr(chance.randrange(1, most)) for _ in range(chance.randint(0, 300)))
