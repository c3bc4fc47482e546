"""Reading the names of OpenAI's line items and units; pure."""

from __future__ import annotations

import re
from decimal import Decimal

_KINDS = {
    "input": "input",
    "cached input": "cached_input",
    "input cached": "cached_input",
    "cache write": "cache_write",
    "input cache write": "cache_write",
    "output": "output",
}
_TOKENS = re.compile(r"input|output|cache", re.IGNORECASE)
_MODEL = re.compile(r"(?:chatgpt|codex|dall|gpt|o\d|omni|sora|text-\w+|tts|whisper)\b.*", re.IGNORECASE)


def read_line(line: str) -> tuple[str, str]:
    """Model and token type of a line item, each ``""`` where it names none.

    ``"gpt-6-astra, cached input"`` is ``("gpt-6-astra", "cached_input")``; the vendor's own word stands for a type
    that is not one of four; ``"web search tool calls"`` is neither.
    """
    head, comma, word = line.rpartition(", ")
    if comma and (_TOKENS.search(word) or _MODEL.fullmatch(head)):
        plain = word.strip().lower().replace("_", " ").removesuffix(" tokens")
        return head, _KINDS.get(plain, word)
    return (line, "") if _MODEL.fullmatch(line) else ("", "")


_UNITS: dict[str, tuple[int, str]] = {
    "tokens": (1, "Tokens"),
    "1000_tokens": (1000, "Tokens"),
    "duration_seconds": (1, "Seconds"),
    "duration_minutes": (1, "Minutes"),
    "minutes": (1, "Minutes"),
    "duration_hours": (1, "Hours"),
    "hours": (1, "Hours"),
    "gibibyte_hours": (1, "GiB-Hours"),
}


def focus_unit(word: str | None) -> tuple[int, str]:
    """Factor and FOCUS unit of OpenAI's; mixed quantities (no unit) are none."""
    return _UNITS.get(word, (1, word.replace("_", " ").title())) if word else (0, "")


def charge_category(line: str, amount: Decimal) -> str:
    """FOCUS's category: money given back is a credit or a refund, anything else is usage."""
    if amount < 0 and re.search(r"credit|grant|promo", line, re.IGNORECASE):
        return "Credit"
    if amount < 0 and re.search(r"refund|adjustment", line, re.IGNORECASE):
        return "Adjustment"
    return "Usage"


def undated(model: str) -> str:
    """The model without the date of its snapshot, since bill and meter name it with or without."""
    return re.sub(r"-\d{4}-\d\d-\d\d$", "", model)
