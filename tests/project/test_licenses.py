"""Nothing that is installed with the bot binds whoever uses it, and the list of licenses is of what is installed."""

import pytest

from scripts import licenses


@pytest.mark.parametrize("extra", licenses.EXTRAS)
def test_no_license_binds_those_who_use_the_bot(extra):
    """Every package has a known license that asks for its own text at most; the LGPL only in an extra, by name."""
    assert licenses.binding(extra) == {}


def test_the_list_of_licenses_is_of_what_is_installed():
    """docs/licenses.md names every package with its version and license; mend it with: make fix."""
    assert licenses.PAGE.read_text() == licenses.page()


@pytest.mark.parametrize(
    ("expression", "free"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-2.0-only OR MIT", True),
        ("(Apache-2.0 OR BSD-3-Clause)", True),
        ("", False),
    ],
)
def test_expressions_are_read_as_spdx_means_them(expression, free):
    """Of an OR one side is enough, of an AND every part counts, and what is unknown is not free."""
    assert licenses.free(expression) is free
