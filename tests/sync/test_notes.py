"""What optional views could not bring: noted, told where it matters, and gone once it is brought."""

from datetime import date, timedelta

import pytest
from books import every
from test_sync import MONTH, NOW, Books, Vendor, run

from bot.answering.query import LedgerReader
from bot.domain.errors import AccessDenied, Misconfigured, RequestRefused
from bot.domain.feed import Feed, Note
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING
from bot.ledger import Ledger
from bot.ledger.kv_store import notes_of
from bot.render.notes import note

REFUSAL = RequestRefused("Not enabled.", "Enable it.", status=400)
OPTIONS = {"feeds": ("bill", "by region")}


class Regional(Books):
    """Books whose second feed tells regions apart, and whose tags could not be looked up."""

    def feeds(self):
        """The bill, and a view by region."""
        bill, *views = super().feeds()
        return [bill, *(Feed(source=self.source, name=v.name, grain=v.grain | {"RegionId"}) for v in views)]

    def notes(self):
        """One, of what it looked for before any feed."""
        return [Note("tags", "The key may not list tags.", columns=frozenset({"Tags"}))]


@pytest.fixture
def ledger(tmp_path):
    """A ledger of this test's own."""
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.close()


def pull(ledger, vendor, **more):
    """A sync of the regional books."""
    return run(ledger, vendor, sources={"books": lambda meter: Regional(vendor, meter, **OPTIONS)}, **more)


def doubts(ledger, *by):
    """What an answer by these dimensions has to say beside its figures."""
    question = Question(period=MONTH, by=by)
    figures = LedgerReader(ledger, EVERYTHING, NOW.date()).gather(question, [MONTH.start, MONTH.end])
    return list(map(note, figures.doubts))


@pytest.mark.parametrize(
    "refusal", [REFUSAL, AccessDenied("No."), Misconfigured("Off.")], ids=lambda e: type(e).__name__
)
def test_a_refused_view_leaves_the_sync_successful_at_every_later_one_too(ledger, refusal):
    """The bill lands with status ok and a note, then and later; once the view is granted, its note is gone."""
    vendor = Vendor()
    vendor.faults = [every(refusal, lambda feed, _: feed == "by region")]
    for _ in range(2):
        report = pull(ledger, vendor)
        assert report.ok
        assert [note.view for note in notes_of(ledger.memory, "books")] == ["tags", "by region"]
        assert any(refusal.message in note for note in report.sources[0].notes)
    vendor.faults = []
    report = pull(ledger, vendor)
    assert report.ok
    assert [note.view for note in notes_of(ledger.memory, "books")] == ["tags"]


def test_a_note_stands_under_answers_that_would_have_used_the_view(ledger):
    """Who asks by region or by a tag is told what is missing; who asks for the total is not."""
    vendor = Vendor()
    vendor.faults = [every(REFUSAL, lambda feed, _: feed == "by region")]
    pull(ledger, vendor)
    assert doubts(ledger) == []
    assert doubts(ledger, "RegionId") == ["books: no by region. Not enabled."]
    assert doubts(ledger, "Tags/team") == ["books: no tags. The key may not list tags."]


def test_freshness_tells_every_note_once(ledger):
    """Asked how fresh the data is, the bot says once what of a source is missing."""
    vendor = Vendor()
    vendor.faults = [every(REFUSAL, lambda feed, _: feed == "by region")]
    pull(ledger, vendor)
    result = list(map(note, LedgerReader(ledger, EVERYTHING, NOW.date()).missing_views()))
    assert result == ["books: no tags. The key may not list tags.", "books: no by region. Not enabled."]


def test_a_note_outlives_syncs_that_did_not_ask_for_its_view(ledger):
    """On the clock only what is due is pulled: what is known of the other views stays."""
    vendor = Vendor(first=date(2026, 11, 1))
    vendor.faults = [every(REFUSAL, lambda feed, _: feed == "by region")]
    pull(ledger, vendor)
    pull(ledger, vendor, by_hand=False, now=NOW + timedelta(hours=1))
    assert [note.view for note in notes_of(ledger.memory, "books")] == ["tags", "by region"]
