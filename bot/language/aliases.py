"""Names that a company's people use, from a file like ``aliases.toml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.errors import Misconfigured
from bot.domain.question import DIMENSIONS

_SECTIONS = (*DIMENSIONS, "environment", "tags")


def declared(table: Mapping[str, object], path: str) -> dict[str, dict[str, Sequence[str]]]:
    """The names of a file by dimension: ``[SubAccountName]``, ``"the mothership" = "acme-prod"`` or a list of patterns.

    Raises:
        Misconfigured: naming the section, and the name, that cannot be read.
    """
    found: dict[str, dict[str, Sequence[str]]] = {}
    for section, names in table.items():
        if not isinstance(names, Mapping):
            raise Misconfigured(f"{path}: {section!r} is not a section.", 'Write [ServiceName], then "our name" = "…".')
        if section == "Tags":
            for key, values in names.items():
                found[f"Tags/{key}"] = _patterns(values, path, f"Tags.{key}")
        elif section in _SECTIONS or section.startswith("Tags/"):
            found[section] = _patterns(names, path, section)
        else:
            raise Misconfigured(f"{path}: there is no dimension {section!r}.", f"Available: {', '.join(_SECTIONS)}.")
    return found


def _patterns(names: object, path: str, section: str) -> dict[str, Sequence[str]]:
    if not isinstance(names, Mapping):
        raise Misconfigured(
            f"{path}: {section!r} is not a section.", f'Write [{section}], then "our name" = "a value".'
        )
    found: dict[str, Sequence[str]] = {}
    for name, patterns in names.items():
        values = [patterns] if isinstance(patterns, str) else patterns
        if not isinstance(values, list) or not values or not all(isinstance(value, str) and value for value in values):
            raise Misconfigured(
                f"{path}, {section}: {name!r} has no name.", f'Write "{name}" = "a value of the ledger".'
            )
        found[str(name).casefold().removeprefix("the ")] = values
    return found
