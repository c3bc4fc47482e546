"""Words → Question, by the program itself: no language model, no clock, no I/O.

A text is freed of Slack's markup and cut into tokens (``normalize``); slips of the finger are corrected (``spelling``);
the tokens become a lattice of all that they may be (``lattice``): words of ours (``lexicon.toml``), names of the ledger
(``entities``, ``aliases.toml``), numbers, dates (``dates/``). A weighted chart (``chart``) finds the parts that the
productions of ``grammar.toml`` make, and the cheapest rows of parts and function words that span the sentence. What
the parts say is merged slot by slot, whatever its order, and made a question (``semantics/``). A word that is in no
part and is no function word leaves no reading, and is named (``errors``). ``describe`` says a question back in words
that read as it.
"""

from bot.language.describe import describe
from bot.language.entities import Vocabulary
from bot.language.parser import read, read_thread
from bot.language.reading import Alternative, Customs, Node, Reading, Word

__all__ = ["Alternative", "Customs", "Node", "Reading", "Vocabulary", "Word", "describe", "read", "read_thread"]
