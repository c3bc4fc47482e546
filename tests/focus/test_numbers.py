import csv
import io
import re
from contextlib import suppress
from decimal import Decimal, localcontext

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.domain.errors import InvalidFile
from bot.domain.money import LARGEST, to_attos
from bot.providers import focus
from bot.providers.focus.numbers import CellError, read_amounts
from scripts.corpus.made import rows, text

CONVENTIONS = [(".", ","), (",", "."), (".", "'"), (",", "\u00a0"), (".", ""), (",", "")]
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
amounts = st.decimals(-(10**9), 10**9, places=6, allow_nan=False, allow_infinity=False)


def written(amount, mark, group):
    """An amount as people of a country write it."""
    digits = f"{abs(amount):,f}".rstrip("0").rstrip(".")
    digits = digits.replace(",", "\0").replace(".", mark).replace("\0", group)
    return f"-{digits}" if amount < 0 else digits


def billed(path):
    """The billed amounts of a file in attos, read as an import reads it."""
    (member,) = focus.members(path)
    try:
        blocks = list(focus.read(member))
    except focus.ConventionsNeeded:
        blocks = list(focus.read(member, conventions=focus.find_conventions(member)))
    pairs = [block.amounts["BilledCost"] for block in blocks]
    return [int(w) * 10**18 + int(a) for whole, attos in pairs for w, a in zip(whole, attos, strict=True)]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(amounts, min_size=1, max_size=6), st.sampled_from(CONVENTIONS))
def test_no_convention_is_ever_a_factor_of_a_hundred(tmp_path, costs, convention):
    """Amounts written in one convention throughout are read exactly, or refused with row and column."""
    path = tmp_path / "bill.csv"
    path.write_text(text(rows([written(cost, *convention) for cost in costs]), delimiter=";"))
    try:
        found = billed(path)
    except InvalidFile as refusal:
        found = refusal.message
    if isinstance(found, str):
        assert re.search(r"row \d+, column \w+: ", found)
        return
    if convention == (",", ".") and not any("," in written(cost, *convention) for cost in costs):
        return  # "1.500" alone is FOCUS's own decimal point
    assert found == [to_attos(cost) for cost in costs]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False), min_size=1, max_size=8))
def test_any_decimal_is_rounded_half_even_to_an_atto_or_refused(costs):
    """Whatever digits and exponent: what Python's exact arithmetic says, or that it is beyond the range."""
    column = pa.array([str(cost) for cost in costs])
    with localcontext(prec=400):
        beyond = [cost for cost in costs if abs(cost) >= LARGEST]
    if beyond:
        with pytest.raises(CellError, match="beyond the ledger's range"):
            read_amounts(column, ".")
        return
    found = read_amounts(column, ".")
    with localcontext(prec=400):
        right = [cost.quantize(Decimal("1e-18")) if cost.adjusted() > -200 else Decimal(0) for cost in costs]
        exact = [int(item.scaleb(18)) for item in right]
    assert [int(w) * 10**18 + int(a) for w, a in zip(found.whole, found.attos, strict=True)] == exact
    assert found.rounded == sum(one != other for one, other in zip(right, costs, strict=True))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.floats(-1e15, 1e15, allow_nan=False), min_size=1, max_size=8))
def test_a_float_is_read_as_the_shortest_decimal_that_means_it(costs):
    """0.1 is 0.1, not 0.1000000000000000055."""
    found = read_amounts(pa.array(costs, pa.float64()), None)
    with localcontext(prec=400):
        right = [int(Decimal(repr(cost)).quantize(Decimal("1e-18")).scaleb(18)) for cost in costs]

    assert [int(w) * 10**18 + int(a) for w, a in zip(found.whole, found.attos, strict=True)] == right


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=30))
def test_any_text_is_a_number_or_is_refused(cell):
    """No cell raises anything but a refusal."""
    with suppress(CellError):
        read_amounts(pa.array([cell]), ".")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12), min_size=4, max_size=4
    ),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_names_of_any_letters_come_back_as_they_are(tmp_path, names, delimiter, quoting, end):
    """Quotes, delimiters and line ends within cells are part of them; blanks around are not."""
    # Python's writer leaves a lone carriage return unquoted, where it ends the row for every reader.
    assume(quoting == csv.QUOTE_ALL or not any("\r" in name for name in names))
    path = tmp_path / "bill.csv"
    charges = [{**charge, "SubAccountName": name} for charge, name in zip(rows(), names, strict=True)]
    path.write_bytes(text(charges, delimiter=delimiter, quoting=quoting, end=end).encode())
    (member,) = focus.members(path)
    blocks = list(focus.read(member))
    found = [
        block.series["SubAccountName"].values[code] for block in blocks for code in block.series["SubAccountName"].codes
    ]
    nothing = {"null", "NULL", "Null", "\\N", "None", "none", "<NA>", "NaN", "nan", "NaT", "(null)", "#N/A", ""}

    assert found == ["acct-1" if name.strip() in nothing else name.strip() for name in names]
    assert io.StringIO(path.read_text()).readline()
