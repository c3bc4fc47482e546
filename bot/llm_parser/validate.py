"""Whether what a model returned is a question that this ledger and the contract know."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.domain.question import Question
from bot.language import Vocabulary
from bot.language.lexicon import lexicon
from bot.language.normalize import plain, tokenize
from bot.llm_parser.prompt import COST, PARTS, dimensions
from bot.llm_parser.vendors import Unanswered

_TIMELESS: Final = frozenset(("price", "freshness", "help", "unsupported", "recommendations"))
_COMPARED: Final = frozenset(("cost", "explain"))
_MOST: Final = 1_000
_USUAL: Final = Question()


class _Word(BaseModel):
    model_config = ConfigDict(extra="forbid")

    word: str
    part: str


class _Returned(BaseModel):
    model_config = ConfigDict(extra="forbid")

    words: tuple[_Word, ...]
    unread: tuple[str, ...]
    question: Question


def checked(returned: object, vocabulary: Vocabulary, text: str) -> Question:
    """The question of a reply to a text.

    Raises:
        Unanswered: a word has no part in the question, a name is invented, or it is no question of the contract.
    """
    try:
        found = _Returned.model_validate(returned)
    except ValidationError as error:
        raise Unanswered(f"no question: {error.errors(include_input=False)[0]['loc']}") from None
    if found.unread:
        raise Unanswered("words it cannot place")
    question = _settled(found.question)
    _accounted(text, found, question)
    _known(question, vocabulary)
    return question


def _accounted(text: str, returned: _Returned, question: Question) -> None:
    """Holds a reply to the grammar's own law: each content word is said by a part of the question that is filled."""
    filled = {name for name in PARTS if name == COST or getattr(question, name) != getattr(_USUAL, name)}
    parts = {word.casefold() for placed in returned.words if placed.part in filled for word in placed.word.split()}
    free = lexicon().function_words
    for token in tokenize(plain(text)).tokens:
        if token.word and token.norm not in free and token.norm not in parts and token.text.casefold() not in parts:
            raise Unanswered("a word has no part in the question")


def _settled(question: Question) -> Question:
    """What its kind has no use for left out; without what its kind needs it is none."""
    timeless = question.kind in _TIMELESS
    compared = question.kind in _COMPARED
    if not timeless and question.period is None:
        raise Unanswered("no period")
    if question.kind == "explain" and question.against is None:
        raise Unanswered("nothing to explain it against")
    if question.top is not None and question.top > _MOST:
        raise Unanswered("too many lines")
    if (question.kind == "values" and not question.by) or (question.kind != "values" and "Tags" in question.by):
        raise Unanswered("no dimension to list")
    return question.model_copy(
        update={
            "period": None if timeless else question.period,
            "against": question.against if compared else None,
            "grain": question.grain if question.kind == "cost" else None,
        }
    )


def _known(question: Question, vocabulary: Vocabulary) -> None:
    dims = set(dimensions(vocabulary))
    for name in question.by:
        if name not in dims and name != "Tags":
            raise Unanswered("an invented dimension")
    for part in question.where:
        if part.dimension not in dims or not part.values:
            raise Unanswered("an invented dimension")
        if not {value for value in part.values if value} <= set(vocabulary.values(part.dimension)):
            raise Unanswered("an invented name")
