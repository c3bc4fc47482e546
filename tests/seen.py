"""Answers as their readers meet them: figures as values, all else as the public JSON and the sentences have it."""

import json
from types import SimpleNamespace

from bot import render
from bot.render.answer_json import answer_json, result_json
from bot.render.gaps import hint, what

_PARTS = ("drivers", "forecast", "anomalies", "budgets", "values")
_FIGURES = ("totals", "lines", "series")


class Seen:
    """One answer: ``notes`` are sentences, gaps have ``what`` and ``hint``, parts that are no sums are JSON."""

    def __init__(self, answer):
        self.of = answer

    def __getattr__(self, name):
        if name in _PARTS:
            part = answer_json(self.of)[name]
            return tuple(part) if isinstance(part, list) else part
        if name in _FIGURES:
            return getattr(self.of, name, ())
        return getattr(self.of, name)

    def __eq__(self, other):
        return isinstance(other, Seen) and self.of == other.of

    __hash__ = None

    @property
    def notes(self):
        """The sentences beside the figures."""
        return tuple(answer_json(self.of)["notes"])

    @property
    def gaps(self):
        """What is missing, in words."""
        return tuple(
            SimpleNamespace(source=gap.source, what=what(gap), hint=hint(gap), price=gap.price) for gap in self.of.gaps
        )

    def model_dump(self, **_):
        """The public JSON."""
        return answer_json(self.of)

    def model_dump_json(self, exclude=frozenset()):
        """The public JSON as text."""
        return json.dumps({name: value for name, value in answer_json(self.of).items() if name not in exclude})


def seen(result):
    """A result's answer."""
    return Seen(result.answer)


def text(result):
    """The answer in a sentence or two."""
    return render.headline(result.question, result.answer)


def as_json(result):
    """A result's public JSON."""
    return result_json(result, text(result))
