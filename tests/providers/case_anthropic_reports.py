"""Anthropic's older reports, for an organization without the analytics, held to the contract."""

from case_anthropic import case

CASE = case(page=1, analytics=False, repeat=True)
