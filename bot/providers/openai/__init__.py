"""OpenAI: what an organization was billed, from its Costs API, and what it used, from its Usage API.

Endpoints: GET /organization/costs, /organization/usage/*, /organization/projects, /users. Amounts are dollars.
Grain: project × line item (model and token type stand in the line item), with tokens in its quantity; beside it the
same by API key and by user. Where the Costs API does not tell a key or user apart, the line is split by metered
usage and says so. Days are UTC; today's are partial. OpenAI says nothing on how late a day settles: 35 days are
taken as moving.
"""

from bot.providers.openai.line_items import read_line
from bot.providers.openai.provider import OpenAI
from bot.providers.openai.settings import OpenAISettings

__all__ = ["OpenAI", "OpenAISettings", "read_line"]
