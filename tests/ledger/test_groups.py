"""Groups as columns say the same as groups one by one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import from_attos, to_attos
from bot.ledger.result import Group, Groups, beside, joined

_names = st.tuples(st.sampled_from(["", "b", "B", "a"]), st.sampled_from(["x", "ä", "z"]))
_units = st.sampled_from(["USD", "EUR"])
_amounts = st.integers(-(10**31), 10**31) | st.sampled_from([0, 10**17, -7 * 10**18])
_nanos = st.integers(-(2**61), 2**61).map(lambda nanos: nanos * 10**9)


def groups(intervals):
    """Some groups with distinct keys."""
    rows = st.one_of(
        st.dictionaries(st.tuples(_names, _units), st.lists(each, min_size=intervals, max_size=intervals))
        for each in (_amounts, _nanos)
    )
    return rows.map(
        lambda told: [Group(key, unit, tuple(map(from_attos, each)), 1) for (key, unit), each in told.items()]
    )


def columns(rows):
    """The same by columns, in nanos as the cube has them where they fit."""
    found = Groups.of(rows)
    if not rows or (found.amounts % 10**9).any() or abs(found.amounts).max() > 2**61 * 10**9:
        return found
    return replace(found, amounts=(found.amounts // 10**9).astype(np.int64), scale=10**9)


def added(*parts):
    """Plain sums by key."""
    sums = defaultdict(list)
    for part in parts:
        for each in part:
            sums[each.key, each.unit].append(each.amounts)
    return {key: tuple(map(exactly, zip(*each, strict=True))) for key, each in sums.items()}


def exactly(amounts):
    """The sum, in attos so that nothing is rounded."""
    return sum(map(to_attos, amounts))


def told(found):
    """What columns say, in attos."""
    return {(each.key, each.unit): tuple(map(to_attos, each.amounts)) for each in found}


@given(groups(2))
def test_columns_tell_the_groups_they_were_made_of(rows):
    """Whether looked at one by one or all together, a group is what it was."""
    found = columns(rows)
    assert list(found) == rows
    assert [(found.key(n), found.unit(n), found.amount(n, 1)) for n in range(len(found))] == [
        (each.key, each.unit, each.amounts[1]) for each in rows
    ]


@given(groups(2), groups(2), groups(2))
def test_equal_keys_add_up_exactly(one, two, three):
    """Amounts of any size, some in nanos and some in attos, add up key by key to the last digit."""
    assert told(joined([columns(one), Groups.of(two), columns(three)])) == added(one, two, three)


@given(groups(1), groups(1))
def test_two_periods_stand_beside_each_other(now, then):
    """What only one period has is nothing in the other."""
    found = beside(columns(now), columns(then))
    nothing = (Decimal(0),)
    assert told(found) == added(
        [each._replace(amounts=each.amounts + nothing) for each in now],
        [each._replace(amounts=nothing + each.amounts) for each in then],
    )


@given(groups(2), st.booleans())
def test_the_largest_comes_first_and_then_the_first_name(rows, ascending):
    """Order is by amount, or by how far it moved; equal amounts stand by name."""
    found = columns(rows)
    sign = 1 if ascending else -1
    by_amount = sorted(rows, key=lambda each: (sign * to_attos(each.amounts[0]), each.key, each.unit))
    assert [found[at] for at in found.by_size(ascending=ascending)] == by_amount
    by_move = sorted(rows, key=lambda each: (-abs(exactly([each.amounts[0], -each.amounts[1]])), each.key, each.unit))
    assert [found[at] for at in found.by_size(change=True)] == by_move


@given(groups(2), _units)
def test_sums_are_of_one_unit_and_one_interval(rows, unit):
    """Currencies are never added to each other."""
    found = columns(rows)
    assert to_attos(found.sum(unit, 1)) == exactly([each.amounts[1] for each in rows if each.unit == unit])
    assert found.units() == sorted({each.unit for each in rows})
    half = found.take(range(0, len(found), 2))
    assert list(half) == rows[::2]


@given(groups(3))
def test_intervals_add_up_to_longer_ones(rows):
    """The first two become one, exactly; the last stays itself."""
    found = columns(rows).coarser([0, 2])
    assert told(found) == {
        (each.key, each.unit): (exactly(each.amounts[:2]), to_attos(each.amounts[2])) for each in rows
    }
