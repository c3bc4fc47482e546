"""The header of a FOCUS file: its columns by the names of FOCUS 1.4, however they are spelled.

Generators write ``BilledCost``, ``billedcost``, ``billed_cost``, ``Billed Cost`` and ``" BilledCost "``; earlier
versions (0.5, 1.0-preview) and gateways have names of their own; people and reports add remarks. Sources: FOCUS
specification 0.5 to 1.4; Microsoft's FOCUS dataset metadata; LiteLLM's FOCUS export.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.charge import AMOUNTS, DETAILS, SERIES
from bot.domain.errors import InvalidFile
from bot.providers.focus.decorated import Currencies, undecorated, without_table

TIMES = ("ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingPeriodEnd")
REQUIRED = (
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "BillingAccountId",
    "BillingCurrency",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ServiceName",
    "ServiceProviderName",
)
"""Mandatory columns without which there is no charge; all others may be missing or have a stand-in."""
_SUCCESSORS = {"ProviderName": "ServiceProviderName"}
"""Columns of earlier versions that 1.4 has under another name. PublisherName has no successor."""
_OLDER: Mapping[str, str] = {
    "provider": "ProviderName",
    "publisher": "PublisherName",
    "serviceprovider": "ServiceProviderName",
    "hostprovider": "HostProviderName",
    "invoiceissuer": "InvoiceIssuerName",
    "billedcurrency": "BillingCurrency",
    "chargetype": "ChargeCategory",
    "amortizedcost": "EffectiveCost",
    "usagequantity": "ConsumedQuantity",
    "usageunit": "ConsumedUnit",
    "consumedquantityunit": "ConsumedUnit",
}
"""Names of FOCUS 0.5 and 1.0-preview, and display names that generators write."""
_OPTIONAL_OLDER: Mapping[str, str] = {"region": "RegionId"}
"""The same, where the newer column may well stand beside it."""
_OTHERS: Mapping[str, frozenset[str]] = {
    "AWS's Cost and Usage Report": frozenset({"lineitemusageaccountid", "lineitemunblendedcost"}),
    "Azure's cost details": frozenset({"costinbillingcurrency", "metercategory"}),
    "Azure's cost details in an older format": frozenset({"pretaxcost", "metercategory"}),
    "Google Cloud's billing export": frozenset({"billingaccountid", "usagestarttime", "cost"}),
    "OCI's cost report": frozenset({"lineitemreferenceno", "costmycost"}),
}
"""What bills in vendors' own formats have in their headers, as keys."""
_INTERNAL = frozenset({"x_Credit", "x_BillingMonth", "x_ChargePeriodDays"})
_COSTS = frozenset(
    {"BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ListUnitPrice", "ContractedUnitPrice"}
)
"""What is in the billing currency."""
_FEWEST_KNOWN = 3
"""So many known names make a line a header."""


def _key(name: str) -> str:
    """A name without case, blanks and punctuation; the ``x_`` of custom columns stays."""
    bare = name.strip().strip("\ufeff\u200b\"'").strip()
    custom = bare[:2].casefold() in {"x_", "x "}
    key = re.sub(r"[^0-9a-z]", "", bare.casefold())
    return f"x_{key[1:]}" if custom else key


_KNOWN: Mapping[str, str] = {
    _key(name): name
    for name in (*TIMES, *AMOUNTS, *SERIES, *DETAILS, *_SUCCESSORS, "PublisherName")
    if name not in _INTERNAL
}


@dataclass(frozen=True)
class Header:
    """The columns of a file. ``spelled`` has the file's own name for each column of FOCUS 1.4."""

    columns: Mapping[str, int]
    """FOCUS 1.4's name, or ``x_`` and the file's own, to the column's place."""
    spelled: Mapping[str, str]
    currencies: Mapping[str, Currencies] = field(default_factory=dict)
    """What the names of columns of costs say of their currency."""

    @property
    def currency(self) -> str:
        """The one currency that the names say the costs are in, ``""`` where they leave it open."""
        return _common(self.currencies)

    def name(self, column: str) -> str:
        """What the file itself calls a column."""
        return self.spelled.get(column, column)


def _common(currencies: Mapping[str, Currencies]) -> str:
    common = frozenset.intersection(*currencies.values()) if currencies else frozenset()
    return next(iter(common)) if len(common) == 1 else ""


def known_names(names: Sequence[str]) -> int:
    """How many of the names are FOCUS columns."""
    return len({meaning.column for meaning in _meanings(names) if meaning})


def is_header(names: Sequence[str]) -> bool:
    """Whether a line holds enough known names to be the header."""
    return known_names(names) >= _FEWEST_KNOWN


@dataclass(frozen=True)
class _Meaning:
    """What a name means: a column, by its own or an older name, or by one of these with a remark."""

    column: str
    remarked: bool = False
    currencies: Currencies = frozenset()


def _meanings(names: Sequence[str]) -> list[_Meaning | None]:
    """What each name means."""
    found = [_meaning(name) for name in names]
    bare = without_table(names)
    if bare == list(names):
        return found
    others = [_meaning(name) for name in bare]
    return max(found, others, key=lambda meanings: sum(meaning is not None for meaning in meanings))


def _meaning(name: str) -> _Meaning | None:
    plain = _KNOWN.get(_key(name)) or _OLDER.get(_key(name))
    if (plain and name.isascii() and "$" not in name) or _key(name).startswith("x_"):
        return _Meaning(plain) if plain else None
    for bare, currencies in undecorated(name):
        column = _KNOWN.get(_key(bare)) or _OLDER.get(_key(bare))
        if column and (column in _COSTS or not currencies):
            return _Meaning(column, remarked=True, currencies=currencies)
    return _Meaning(plain) if plain else None


def read_header(file: str, names: Sequence[str], row: int = 1) -> Header:
    """The columns that a header names.

    Raises:
        InvalidFile: mandatory columns are missing, or two columns have one meaning.
    """
    found = _Columns(file, row)
    meanings = _meanings(names)
    plain = {meaning.column for meaning in meanings if meaning and not meaning.remarked}
    left: list[tuple[int, str]] = []
    for place, (name, meaning) in enumerate(zip(names, meanings, strict=True)):
        if meaning and not (meaning.remarked and meaning.column in plain):
            found.enter(meaning.column, name, place)
            if meaning.currencies:
                found.currencies[meaning.column] = meaning.currencies
        elif _key(name):  # an index without a name, as pandas writes it, is left out
            left.append((place, name))
    for place, name in left:
        if (older := _OPTIONAL_OLDER.get(_key(name), "")) and older not in found.places:
            found.enter(older, name, place)
    found.succeed()
    _check_complete(file, row, found, names)
    entered = frozenset(found.places.values())
    for place, name in left:
        if place not in entered:
            found.enter(name.strip() if name.strip().startswith("x_") else f"x_{name.strip()}", name, place)
    return Header(found.places, found.spelled, found.currencies)


class _Columns:
    """The columns of a header while it is read."""

    def __init__(self, file: str, row: int) -> None:
        self._file, self._row = file, row
        self.places: dict[str, int] = {}
        self.spelled: dict[str, str] = {}
        self.currencies: dict[str, Currencies] = {}

    @property
    def currency(self) -> str:
        """The one currency that names say costs are in, ``""`` where they leave it open."""
        return _common(self.currencies)

    def succeed(self) -> None:
        """Columns of earlier versions get the names that 1.4 has for them."""
        for old, new in _SUCCESSORS.items():
            if old in self.places and new not in self.places:
                self.places[new], self.spelled[new] = self.places.pop(old), self.spelled.pop(old)

    def enter(self, column: str, name: str, place: int) -> None:
        """A column by its meaning, the file's own name and its place."""
        if column in self.places:
            first, second = self.spelled[column], name.strip()
            twice = f"the column {column} comes twice" if first == second else f"{first} and {second} are one column"
            raise InvalidFile(f"{self._file}, row {self._row}: {twice}.", "Remove one of them.")
        self.places[column], self.spelled[column] = place, name.strip()


def _check_complete(file: str, row: int, found: _Columns, names: Sequence[str]) -> None:
    missing = [name for name in REQUIRED if name not in found.places]
    if found.currency and "BillingCurrency" in missing:
        missing.remove("BillingCurrency")
    if not missing:
        return
    other = next((name for name, marks in _OTHERS.items() if marks <= {_key(column) for column in names}), None)
    if other:
        hint = "Enable its export in FOCUS format, or use spend sync where the provider supports it."
        raise InvalidFile(f"{file}, row {row}: it is {other}, not FOCUS.", hint)
    what = "is not a FOCUS file" if len(missing) > len(REQUIRED) // 2 else "lacks mandatory columns"
    raise InvalidFile(
        f"{file}, row {row}: it {what}: no {', '.join(missing)}.",
        "Export FOCUS 1.0 or later, with all mandatory columns.",
    )


def amount_places(names: Sequence[str]) -> frozenset[int]:
    """Which columns hold amounts, by their place."""
    meanings = enumerate(_meanings(names))
    return frozenset(place for place, meaning in meanings if meaning and meaning.column in AMOUNTS)
