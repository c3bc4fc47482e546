"""Feeds: overlapping views of one bill, of which an answer takes exactly one."""

from bot.domain.feed import ANY_TAG, Feed, choose


def feed(name, *grain):
    """A feed of the one source."""
    return Feed(source="aws", name=name, grain=frozenset(grain))


BILL = feed("bill", "ServiceName", "SubAccountName", "ChargeCategory")
REGION = feed("by region", "ServiceName", "RegionId")
EXPORT = feed("export", "ServiceName", "SubAccountName", "ChargeCategory", "RegionId", ANY_TAG)
ALL = [BILL, REGION, EXPORT]


def test_the_bill_answers_whatever_it_can():
    """The feed that is pulled first and most often is preferred, even to one of fewer dimensions."""
    assert choose(ALL, ["ServiceName"]) is BILL
    assert choose(ALL, []) is BILL


def test_the_first_that_covers_all_dimensions_answers():
    """What the bill does not tell apart comes from the next feed that does."""
    assert choose(ALL, ["RegionId"]) is REGION
    assert choose(ALL, ["RegionId", "SubAccountName"]) is EXPORT
    assert choose(ALL, ["Tags/team"]) is EXPORT


def test_a_dimension_that_no_feed_tells_apart_has_no_answer():
    """None, so that the answer can say what is missing."""
    assert choose([BILL, REGION], ["Tags/team"]) is None
    assert BILL.missing(["Tags/team", "ServiceName"]) == ["Tags/team"]
