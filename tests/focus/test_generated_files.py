import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.domain.money import total
from bot.focus.importer import Options, import_files
from bot.ledger import Ledger
from bot.ledger.query import Query
from scripts import corpus
from scripts.fuzz_imports import mutated

CASES = corpus.cases()
EVER = [date(1980, 1, 1), date(2200, 1, 1)]


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A ledger that every file is tried on; what it takes in is undone by a dry run."""
    ledger = Ledger(tmp_path_factory.mktemp("corpus") / "ledger.db")
    yield ledger
    ledger.close()


@pytest.fixture
def tried(empty, tmp_path, now):
    """What becomes of a file on an empty ledger, and what the ledger says of it."""

    def tried(name, data, **options):
        path = tmp_path / name
        path.write_bytes(data)
        seen = {}

        def look(imported):
            if imported.error is None and imported.charges:
                query = Query(empty.connection, empty.generation, empty.feed_number, lambda: None)
                seen["billed"] = sums(query, empty.feeds())
                seen["tags"] = {
                    key: set(query.dictionary(empty.feed_number(feed), f"Tags/{key}").values)
                    for feed in empty.feeds()
                    for key in query.tag_keys(feed)
                }

        chosen = Options(dry_run=True, **options)
        (imported,) = import_files(empty, [path], now=now, options=chosen, announce=look)
        return imported, seen

    return tried


def sums(query, feeds):
    """What the ledger's own sums say was billed, by currency."""
    found = {}
    for feed in feeds:
        for group in query.totals(feed, "BilledCost", EVER, by=(), where=()):
            found[group.unit] = total([found.get(group.unit, Decimal(0)), group.amounts[0]])
    return found


def test_the_corpus_is_wide():
    """At least 540 files, each with a name of its own, a total or a refusal."""
    assert len({case.name for case in CASES}) == len(CASES) >= 540
    assert all((case.totals is None) == bool(case.refused) for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_as_generators_write_it_comes_to_its_total_or_its_refusal(tried, case):
    """Each oddity is read to the last digit, or refused in a sentence that names where it is."""
    imported, seen = tried(case.name, case.data, **case.options)

    if case.totals is None:
        assert imported.error is not None
        assert re.search(case.refused, str(imported.error))
        assert "\n" not in imported.error.message
        return
    assert imported.error is None
    assert (dict(imported.totals), imported.rounded) == (dict(case.totals), case.rounded)
    if case.totals:
        assert seen["billed"] == dict(case.totals)
    if case.tags is not None:
        assert seen["tags"] == {key: {value} for key, value in case.tags.items()}
    if case.days is not None:
        assert (imported.days.start, imported.days.last) == case.days


def test_the_script_writes_every_file_and_its_total(tmp_path):
    """Whoever tries another importer has the files and what each must come to."""
    count = corpus.write(tmp_path)

    assert count == len(CASES) == len(list(tmp_path.iterdir())) - 1


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**9))
@example(27632)  # Parquet with a word's number beyond its words
def test_a_mutated_file_is_imported_or_refused_in_a_sentence(tried, seed):
    """Whatever bytes are changed, cut, doubled or swapped, no library's error reaches a person."""
    name, data = mutated(seed)
    imported, _ = tried(name, data)

    assert imported.error is None or (imported.error.message and "\n" not in imported.error.message)
