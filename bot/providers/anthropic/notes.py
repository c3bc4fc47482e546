"""What of Anthropic's optional views could not be had."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.errors import CostError

OnNote = Callable[[str, CostError, frozenset[str]], None]
"""Called with the view, the vendor's refusal, and the FOCUS columns that lack it."""
