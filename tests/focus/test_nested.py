from datetime import date

import pyarrow as pa
import pytest

from bot.providers.focus.nested import distinct_nested

PAIRS = pa.list_(pa.struct({"key": pa.string(), "value": pa.string()}))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (
            pa.map_(pa.string(), pa.string()),
            [[("a", "1"), ("b", "2")], [], None, [("b", "2"), ("a", "1")], [("a", None)]],
        ),
        (
            PAIRS,
            [[{"key": "a", "value": "1"}], [None], [{"key": "1", "value": "a"}], [], [{"key": None, "value": None}]],
        ),
        (pa.struct({"a": pa.string(), "b": pa.string()}), [{"a": "x", "b": None}, {"a": None, "b": "x"}, None]),
        (pa.large_list(pa.string()), [["x", "y"], ["y", "x"], ["x"], ["x", "x"], [], None]),
        (pa.list_(pa.list_(pa.date32())), [[[date(2026, 1, 1)], []], [[], [date(2026, 1, 1)]], [[]], []]),
    ],
)
def test_equal_nested_values_are_found_and_no_others(kind, values):
    """Whatever is nested in what, in whole columns and in slices: each row's value is the one it is numbered with."""
    rows = [*values, *reversed(values), *values]
    for column in (pa.array(rows, kind), pa.array([*values, *rows, *values], kind).slice(len(values), len(rows))):
        found, codes = distinct_nested(column)

        assert [found[code].as_py() for code in codes.tolist()] == column.to_pylist()
        assert len(found) == len(values)
