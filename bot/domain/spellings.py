"""Whether two names of a bill are one thing: vendors and exports spell a model, a service and a provider differently.

The ledger keeps what the bill says; here it is decided what is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

JOINED: Final = ("x_Model", "ServiceName", "ServiceProviderName")
"""The dimensions whose values are joined; accounts and tags are what they are called."""
_PROVIDERS: Final = {
    "amazon-web-services": "aws",
    "google-cloud-platform": "google-cloud",
    "gcp": "google-cloud",
    "azure": "microsoft-azure",
}
_RESELLER = re.compile(r"^(?:[a-z]+[./])+(?=[a-z])")
"""Who offers or made it, before the model's own name: ``us.anthropic.``, ``openai/``."""
_REVISION = re.compile(r"-v\d+:\d+$")
_BETWEEN = re.compile(r"[\s_./\-]+")


@lru_cache(maxsize=65_536)
def folded(dimension: str, value: str) -> str:
    """What all spellings of one thing have in common; of dimensions that are not joined the value itself.

    ``Claude Sonnet 5``, ``claude-sonnet-5`` and ``anthropic.claude-sonnet-5-v1:0`` are one model.
    """
    if dimension not in JOINED or not value:
        return value
    spelling = value.casefold().strip()
    if dimension == "x_Model":
        spelling = _REVISION.sub("", _RESELLER.sub("", spelling))
    spelling = _BETWEEN.sub("-", spelling).strip("-")
    return _PROVIDERS.get(spelling, spelling) if dimension == "ServiceProviderName" else spelling


def same(dimension: str, values: Iterable[str]) -> list[tuple[str, ...]]:
    """The values that are spelled in more than one way, all spellings of each together; the one to tell it by first."""
    found: dict[str, set[str]] = {}
    for value in values:
        if value:
            found.setdefault(folded(dimension, value), set()).add(value)
    return [
        tuple(sorted(spellings, key=lambda value: _readable(dimension, value)))
        for spellings in found.values()
        if len(spellings) > 1
    ]


def _readable(dimension: str, value: str) -> tuple[int, int, str]:
    """How well a spelling tells what it is: a model by its id, anything else as it is written in full."""
    if dimension == "x_Model":
        return int(value != value.casefold() or " " in value), len(value), value
    return -len(value), -sum(map(str.isupper, value)), value
