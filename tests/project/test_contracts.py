"""Adapters and simulators are held to the vendors' SDKs as they are installed."""

from scripts.contracts import REVIEWED, differences


def test_adapters_and_simulators_agree_with_the_vendors_sdks():
    """Parameters, groups, fields, enums, limits and errors: nothing differs that is not on the reviewed list."""
    assert list(differences()) == []


def test_a_difference_is_found():
    """Without the reviewed list its entries are told; with one that is none, that is."""
    assert set(differences({})) == set(REVIEWED)
    stale = {**REVIEWED, "OpenAI's costs: the adapter reads colour, which the SDK does not have": ""}
    assert len(list(differences(stale))) == 1
