"""Messages that answer no question: the help, and a sentence with what to press next."""

from __future__ import annotations

from collections.abc import Sequence

from bot.blockkit.build import Message, actions, button, escape, header, paragraph, small
from bot.render.slack import followups

EXAMPLES = (
    "this month vs last month by provider",
    "top 5 services last month",
    "daily trend last 30 days",
    "why did it go up this month?",
    "forecast",
    "anything unusual?",
)
"""What the help offers as buttons; every one is a question the bot answers."""
_HELP = (
    "Break it down: “last week by service”, “S3 in production by region”",
    "Compare and explain: “this month vs last month”, “why did AWS go up in November?”",
    "Save: “savings plan coverage by account”, “idle resources”, “how much could we save?”",
    "Follow up in a thread: “and by account?”, “why?”",
    "After the slash command, manage: “budget”, “digest”, “alerts”, “settings”; “budget new” opens a form",
    'Your own words: “alias” lists them; an admin adds one: “alias "blue cluster" = production”',
)


def welcome(text: str = "") -> Message:
    """The help: questions to press, and what else can be done, each by an example."""
    lead = text or "Ask in your own words what your cloud and AI services cost, and why."
    examples = [
        button(example, f"ask:example:{index}", followups.spoken_value(example))
        for index, example in enumerate(EXAMPLES)
    ]
    blocks = [header("What we spend, and why"), paragraph(lead), *actions(*examples), *small(*_HELP)]
    return Message(escape("\n".join([lead, "For example:", *EXAMPLES, *_HELP])), blocks)


def sentence(text: str, hint: str = "", suggestions: Sequence[str] = ()) -> Message:
    """A sentence and what to do, with suggestions to press."""
    pressed = [
        button(words, f"ask:suggestion:{at}", followups.spoken_value(words)) for at, words in enumerate(suggestions[:5])
    ]
    blocks = [paragraph(text), *small(hint), *actions(*pressed)]
    return Message(escape(f"{text} {hint}".strip()), blocks)
