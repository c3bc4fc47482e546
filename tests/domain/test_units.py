"""Units of vendors, and what so much of one is in another."""

from decimal import Decimal

import pytest

from bot.domain.units import in_unit, is_size


@pytest.mark.parametrize(
    ("amount", "unit", "to", "found"),
    [
        ("10000000", "Tokens", "token", "10000000"),
        ("5", "Tokens", "1K Tokens", "0.005"),
        ("1", "TB-Months", "GB-Mo", "1000"),
        ("1", "TB-Months", "GiB.mo", "931.322574615478515625"),
        ("1", "TiB", "GiB", "1024"),
        ("2", "GB-Months", "1 GB/Month", "2"),
        ("1", "TB-Months", "GiBy.mo", "931.322574615478515625"),
        ("1", "GB", "By", "1000000000"),
        ("1", "TB-Months", "gibibyte month", "931.322574615478515625"),
        ("100", "Hours", "1 Hour", "100"),
        ("100", "Hours", "h", "100"),
        ("2", "Hours", "Second", "7200"),
        ("10000", "Requests", "API Calls", "10000"),
        ("10000", "Requests", "Queries", "10000"),
        ("3", "vCPU-Hours", "vCPU-Hours", "3"),
        ("1", "GB-Hours", "GiB.h", "0.931322574615478515625"),
    ],
)
def test_so_much_of_one_unit_is_so_much_of_another(amount, unit, to, found):
    """Exactly, however the vendor spells it."""
    assert in_unit(Decimal(amount), unit, to) == Decimal(found)


@pytest.mark.parametrize(
    ("unit", "to"),
    [
        ("Hours", "GB-Mo"), ("GB", "GB-Mo"), ("GB-Months", "GB-Hours"), ("Hours", "vCPU-Hours"), ("Tokens", "Requests"),
        ("Hours", "Months"), ("Tokens", ""), ("", ""), ("Requests", "Metrics"), ("Hours", "Lambda-GB-Second"),
    ],
)  # fmt: skip
def test_what_measures_something_else_has_no_amount(unit, to):
    """Hours are no gigabytes, a month has no fixed number of hours, and hours of a CPU are not those of a machine."""
    assert in_unit(Decimal(1), unit, to) is None


def test_a_size_is_bytes_alone():
    """What is kept for a time, or counted, is none."""
    assert [name for name in ("GB", "TiB", "Bytes", "GB-Months", "Tokens", "Hours") if is_size(name)] == [
        "GB", "TiB", "Bytes",
    ]  # fmt: skip
