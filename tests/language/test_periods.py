"""The contract's table of periods, row by row, on Sunday 2026-11-22."""

from datetime import date

import pytest

from bot.language import read

TODAY = date(2026, 11, 22)
ROWS = """
today 2026-11-22 2026-11-23
yesterday 2026-11-21 2026-11-22
this week 2026-11-16 2026-11-23
week to date 2026-11-16 2026-11-23
WTD 2026-11-16 2026-11-23
last week 2026-11-09 2026-11-16
previous week 2026-11-09 2026-11-16
this month 2026-11-01 2026-11-23
month to date 2026-11-01 2026-11-23
so far 2026-11-01 2026-11-23
spend 2026-11-01 2026-11-23
budgets 2026-11-01 2026-11-23
savings 2026-11-01 2026-11-23
last month 2026-10-01 2026-11-01
this quarter 2026-10-01 2026-11-23
QTD 2026-10-01 2026-11-23
last quarter 2026-07-01 2026-10-01
this year 2026-01-01 2026-11-23
in 2026 2026-01-01 2026-11-23
in 2025 2025-01-01 2026-01-01
last year 2025-01-01 2026-01-01
last 7 days 2026-11-15 2026-11-22
over the past 7 days 2026-11-15 2026-11-22
past 24 hours 2026-11-21 2026-11-23
last 2 weeks 2026-11-02 2026-11-16
last 3 months 2026-08-01 2026-11-01
last two quarters 2026-04-01 2026-10-01
past week 2026-11-15 2026-11-22
past month 2026-10-23 2026-11-22
past year 2025-11-22 2026-11-22
October 2026-10-01 2026-11-01
in Oct 2026-10-01 2026-11-01
December 2025-12-01 2026-01-01
Q3 2026-07-01 2026-10-01
Q3 2025 2025-07-01 2025-10-01
3 Nov 2026-11-03 2026-11-04
Nov 3rd 2026-11-03 2026-11-04
2026-11-03 2026-11-03 2026-11-04
11/03 2026-11-03 2026-11-04
April to May 2025 2025-04-01 2025-06-01
between oct 5 and oct 9 2026-10-05 2026-10-10
oct 5 through oct 9 2026-10-05 2026-10-10
Oct 5–9 2026-10-05 2026-10-10
5-9 October 2026-10-05 2026-10-10
November to February 2026 2025-11-01 2026-03-01
since october 2026-10-01 2026-11-23
since nov 3 2026-11-03 2026-11-23
until october 2025-03-01 2026-11-01
before october 2025-03-01 2026-10-01
last Friday 2026-11-20 2026-11-21
on Monday 2026-11-16 2026-11-17
this weekend 2026-11-21 2026-11-23
last weekend 2026-11-14 2026-11-16
forecast next month 2026-12-01 2027-01-01
forecast next quarter 2027-01-01 2027-04-01
forecast for the rest of the year 2026-01-01 2027-01-01
forecast end of year 2026-01-01 2027-01-01
forecast end of month 2026-11-01 2026-12-01
forecast this month 2026-11-01 2026-12-01
forecast 2026-11-01 2026-12-01
forecast Q1 2027-01-01 2027-04-01
forecast next 3 months 2026-12-01 2027-03-01
daily 2026-10-23 2026-11-22
trend 2026-10-23 2026-11-22
monthly 2026-05-01 2026-11-23
weekly 2026-09-21 2026-11-23
anomalies 2026-10-23 2026-11-22
list services 2026-10-23 2026-11-22
in November 2026-11-01 2026-11-23
Q4 2026-10-01 2026-11-23
202610 2026-10-01 2026-11-01
Oct 2026 2026-10-01 2026-11-01
September and October 2025 2025-09-01 2025-11-01
"""
AGAINST = """
this month vs last month 2026-11-01 2026-11-23 2026-10-01 2026-10-23
vs last week 2026-11-16 2026-11-23 2026-11-09 2026-11-16
october vs september 2026-10-01 2026-11-01 2026-09-01 2026-10-01
september compared with october 2026-10-01 2026-11-01 2026-09-01 2026-10-01
change from july to august 2025 2025-08-01 2025-09-01 2025-07-01 2025-08-01
day over day 2026-11-21 2026-11-22 2026-11-20 2026-11-21
WoW 2026-11-09 2026-11-16 2026-11-02 2026-11-09
month over month 2026-11-01 2026-11-23 2026-10-01 2026-10-23
YoY 2026-01-01 2026-11-23 2025-01-01 2025-11-23
how did spend change last month 2026-10-01 2026-11-01 2026-09-01 2026-10-01
what changed in the past two months 2026-09-01 2026-11-01 2026-07-01 2026-09-01
did costs go up in the last 7 days 2026-11-15 2026-11-22 2026-11-08 2026-11-15
october vs the month before 2026-10-01 2026-11-01 2026-09-01 2026-10-01
nov 3 vs the day before 2026-11-03 2026-11-04 2026-11-02 2026-11-03
why 2026-11-01 2026-11-23 2026-10-01 2026-10-23
why last quarter 2026-07-01 2026-10-01 2026-04-01 2026-07-01
"""


@pytest.mark.parametrize("row", ROWS.strip().splitlines())
def test_words_name_the_period_of_the_contract(row, vocabulary):
    """Each phrase of the table gives the days of the table."""
    text, start, end = row.rsplit(" ", 2)
    period = read(text, today=TODAY, vocabulary=vocabulary).question.period
    assert (str(period.start), str(period.end)) == (start, end)


@pytest.mark.parametrize("row", AGAINST.strip().splitlines())
def test_comparisons_are_like_for_like_as_the_contract_says(row, vocabulary):
    """Each comparison gives the period, and the days it is compared with."""
    text, *days = row.rsplit(" ", 4)
    question = read(text, today=TODAY, vocabulary=vocabulary).question
    spans = (question.period, question.against)
    assert [str(day) for span in spans for day in (span.start, span.end)] == days


@pytest.mark.parametrize("text", ["price of gpt-5", "data freshness", "help", "resize orders-db"])
def test_what_has_no_period_names_none(text, vocabulary):
    """Prices, freshness, help and refusals are of no days."""
    assert read(text, today=TODAY, vocabulary=vocabulary).question.period is None
