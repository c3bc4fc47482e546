"""Sentences the grammar cannot read, put to a language model, where somebody has switched one on.

A model turns words into a ``Question`` and nothing else: it is sent the contract, the names that the asker may see
(never an amount), and what was typed; what it returns is checked like anybody's claim, and what does not hold is as
if nothing had been returned. No figure ever comes from here.
"""

from bot.llm_parser.parser import LlmParser
from bot.llm_parser.vendors import Model, Unanswered, model

__all__ = ["LlmParser", "Model", "Unanswered", "model"]
