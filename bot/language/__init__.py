"""Words → Question, by the program itself: no language model, no clock, no I/O.

A text is freed of Slack's markup and cut into tokens (``text``); slips of the finger are mended (``typos``); the
tokens are cut into phrases (``segment``), each with all it can mean: words of ours (``lexicon``, a table), dates
(``dates``), numbers (``numbers``), names of the ledger (``vocabulary``). The passes (``amounts``, ``quantities``,
``names``, ``breakdowns``, ``timing``, ``filters``) take the phrases they understand; ``kinds`` decides the kind,
``defaults`` fills in the contract's defaults and ``threads`` what the question before said. A phrase that no pass took
and that is no filler is unknown, and is named.
"""

from bot.language.describe import describe
from bot.language.reading import Alternative, Customs, Reading, Word, read, read_thread
from bot.language.vocabulary import Vocabulary

__all__ = ["Alternative", "Customs", "Reading", "Vocabulary", "Word", "describe", "read", "read_thread"]
