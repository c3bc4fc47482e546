"""What people type that cannot be answered, and the one sentence that each gets: at the terminal and in Slack."""

BAD = {
    "five thousand characters": (
        "last month by service " * 230,
        r"is 5,0\d\d characters long; I can read questions of up to",
    ),
    "five thousand letters": ("x" * 5000, r"is 5,000 characters long"),
    "control characters": ("\x07\x1b[31mlast month", r"I don't know any .* like '31mlast'"),
    "right to left": ("كم أنفقنا الشهر الماضي", r"I don't know any .* like 'كم أنفقنا الشهر الماضي'"),
    "emoji alone": ("🔥🔥🔥", r"I don't see anything to look up in that"),
    "SQL": ("'; DROP TABLE fact; --", r"I can't compute commands of a database"),
    "a mention of everybody": ("<!channel>", r"I don't see anything to look up in that"),
    "an unknown word": ("frobnicator last month", r"I don't know any .* like 'frobnicator'"),
    "an end before the start": ("from 10 nov to 3 nov 2026", r"That period ends before it starts"),
    "a date that does not exist": ("30 feb 2026", r"There is no 2026-02-30 in the calendar"),
    "a month's 31st of 30": ("nov 31", r"There is no 31 November in the calendar"),
    "days before the ledger": ("in march 2019", r"^No data for March 2019\. [\w, ]+: no data before \d+ \w+ 2026\."),
}
NOTHING = ("", "   ")
"""Nothing at all is a mistake at the terminal, and in Slack the way to the help."""
