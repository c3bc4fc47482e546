"""The same answers for MCP clients: ``spend mcp`` over stdio, and the tokens for HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bot.app.cli.base import opened, spend
from bot.domain.errors import Misconfigured

if TYPE_CHECKING:
    from bot.app.container import Container
    from bot.mcp.tokens import TokenStore


@spend.command()
def mcp() -> None:
    """Answer an MCP client (Claude, Cursor, VS Code …) over standard input and output."""
    from bot.app.logs import configure  # the other commands do without

    container = opened()
    configure("quiet")
    container.filled_ledger()
    try:
        from bot.mcp.server import build  # an extra, and half a second to import
    except ImportError as error:
        raise Misconfigured("MCP is not installed.", "pip install 'spend[mcp]'") from error
    from bot.app.mcp import recorder
    from bot.mcp.ports import Caller

    local = Caller(name="stdio")
    build(container.answer_service, identify=lambda _: local, record=recorder(container)).run("stdio")


@spend.group()
def token() -> None:
    """Manage the tokens that let MCP clients connect over HTTP."""


@token.command("create")
@click.argument("name")
@click.option("--source", "sources", multiple=True, help="Show only this source; can be repeated.")
@click.option(
    "--account", "accounts", multiple=True, help="Show only this account, project or workspace; can be repeated."
)
@click.option("--provider", "providers", multiple=True, help="Show only this provider; can be repeated.")
@click.option(
    "--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Show only charges with this tag; can be repeated."
)
def create(
    name: str, sources: tuple[str, ...], accounts: tuple[str, ...], providers: tuple[str, ...], tags: tuple[str, ...]
) -> None:
    """Create a token. It is shown once and stored as a hash; without options it sees everything."""
    from bot.digests.model import DigestScope  # the other commands do without
    from bot.digests.scope import resolved

    container = opened()
    tagged: dict[str, list[str]] = {}
    for pair in tags:
        key, separator, value = pair.partition("=")
        if not separator:
            raise Misconfigured(f"{pair!r} is not a tag.", "Use a tag like --tag team=core.")
        tagged.setdefault(key, []).append(value)
    about = DigestScope.model_validate(
        {"sources": sources, "accounts": accounts, "providers": providers, "tags": tagged}
    )
    scope, unknown = resolved(about, container.answer_service)
    if unknown:
        names = ", ".join(map(repr, unknown))
        raise Misconfigured(f"The ledger has no {names}.", "A token can only cover names in the ledger.")
    click.echo(_tokens(container).create(name, scope=scope))
    click.echo("Copy it now: it is not shown again.", err=True)


@token.command("list")
def listed() -> None:
    """List the tokens, without their secrets."""
    for token in _tokens(opened()).all():
        scope = token.scope
        seen = [
            *(scope.sources or ()),
            *(f"{filter_.dimension}: {', '.join(filter_.values)}" for filter_ in scope.where),
        ]
        click.echo(f"{token.name}: made {token.created:%Y-%m-%d}; sees {'; '.join(seen) or 'everything'}")


@token.command("revoke")
@click.argument("name")
def revoke(name: str) -> None:
    """Revoke a token immediately."""
    _tokens(opened()).revoke(name)
    click.echo(f"{name} is revoked.")


def _tokens(container: Container) -> TokenStore:
    from bot.mcp.tokens import TokenStore  # the other commands do without

    return TokenStore(container.ledger.memory, container.clock)
