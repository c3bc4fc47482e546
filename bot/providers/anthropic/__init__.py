"""Anthropic: what an organization was billed for Claude, by workspace, model and token type, by API key and by user.

Endpoints: GET /v1/organizations/analytics/cost and …/usage (beta, from 2026 on, kept 365 days); where the organization
has no access, or for days before, the older /cost_report and /usage_report. The two are never mixed for one day.
Amounts are fractional cents, divided by a hundred where they are read and nowhere else. Days are UTC. The analytics
tell of today in part and revise days for up to 30 days; they show amounts before credits. The older report tells
complete days only and leaves Priority Tier out; it does not tell keys and users apart, so for these it is split by
metered usage (for Claude Code by its own analytics), and says so.
"""

from bot.providers.anthropic.provider import Anthropic
from bot.providers.anthropic.settings import AnthropicSettings

__all__ = ["Anthropic", "AnthropicSettings"]
