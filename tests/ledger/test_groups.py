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
        st.dictionaries(st.tuples(_names, _units), st.lists(item, min_size=intervals, max_size=intervals))
        for item in (_amounts, _nanos)
    )
    return rows.map(
        lambda result: [Group(key, unit, tuple(map(from_attos, item)), 1) for (key, unit), item in result.items()]
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
        for item in part:
            sums[item.key, item.unit].append(item.amounts)
    return {key: tuple(map(exactly, zip(*item, strict=True))) for key, item in sums.items()}


def exactly(amounts):
    """The sum, in attos so that nothing is rounded."""
    return sum(map(to_attos, amounts))


def told(found):
    """What columns say, in attos."""
    return {(item.key, item.unit): tuple(map(to_attos, item.amounts)) for item in found}


@given(groups(2))
def test_columns_tell_the_groups_they_were_made_of(rows):
    """Whether looked at one by one or all together, a group is what it was."""
    found = columns(rows)
    assert list(found) == rows
    assert [(found.key(n), found.unit(n), found.amount(n, 1)) for n in range(len(found))] == [
        (row.key, row.unit, row.amounts[1]) for row in rows
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
        [item._replace(amounts=item.amounts + nothing) for item in now],
        [item._replace(amounts=nothing + item.amounts) for item in then],
    )


@given(groups(2), st.booleans())
def test_the_largest_comes_first_and_then_the_first_name(rows, ascending):
    """Order is by amount, or by how far it moved; equal amounts stand by name."""
    found = columns(rows)
    sign = 1 if ascending else -1
    by_amount = sorted(rows, key=lambda item: (sign * to_attos(item.amounts[0]), item.key, item.unit))
    assert [found[at] for at in found.by_size(ascending=ascending)] == by_amount
    by_move = sorted(rows, key=lambda item: (-abs(exactly([item.amounts[0], -item.amounts[1]])), item.key, item.unit))
    assert [found[at] for at in found.by_size(change=True)] == by_move


@given(groups(2), _units)
def test_sums_are_of_one_unit_and_one_interval(rows, unit):
    """Currencies are never added to each other."""
    found = columns(rows)
    assert to_attos(found.sum(unit, 1)) == exactly([row.amounts[1] for row in rows if row.unit == unit])
    assert found.units() == sorted({row.unit for row in rows})
    half = found.take(range(0, len(found), 2))
    assert list(half) == rows[::2]


@given(groups(3))
def test_intervals_add_up_to_longer_ones(rows):
    """The first two become one, exactly; the last stays itself."""
    found = columns(rows).coarser([0, 2])
    assert told(found) == {(row.key, row.unit): (exactly(row.amounts[:2]), to_attos(row.amounts[2])) for row in rows}
