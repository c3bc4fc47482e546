"""Asks ten questions over MCP, without a language model: what a program of your own does.

    python mcp_client.py                                     # starts `spend mcp` beside the ledger of LEDGER_URL
    python mcp_client.py https://spend.example.com/mcp TOKEN # a server, with a token of `spend token create`

Prints each answer's headline, how the question was understood, and the exact totals. Exit 1 when one was refused.
"""

from __future__ import annotations

import asyncio
import os
import sys

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client._transport import Transport
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent

QUESTIONS = (
    "last month",
    "last month by provider",
    "top 5 services last 30 days",
    "this month by week",
    "last month vs the month before by service",
    "why did it change last month?",
    "forecast",
    "anomalies this month",
    "are we over budget?",
    "how fresh is the data?",
)


def transport() -> Transport:
    """Standard input and output of a `spend mcp` of our own, or HTTP with a token."""
    if len(sys.argv) == 1:
        return stdio_client(StdioServerParameters(command="spend", args=["mcp"], env=dict(os.environ)))
    url, token = sys.argv[1:]
    return streamable_http_client(url, http_client=httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}))


async def main() -> int:
    """Ask them all over one connection."""
    refused = 0
    async with Client(transport()) as client:
        for question in QUESTIONS:
            result = await client.call_tool("ask", {"question": question})
            refused += bool(result.is_error)
            shown = "".join(each.text for each in result.content if isinstance(each, TextContent))
            print(f"{question}: {shown.splitlines()[0]}")  # noqa: T201 - an example shows what it got
            if result.structured_content:  # exact: amounts are strings with their currency, never floats
                totals = [f"{total['amount']} {total['currency']}" for total in result.structured_content["totals"]]
                print("   ", result.structured_content["read_as"], *totals, sep=" · ")  # noqa: T201 - an example shows what it got
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
