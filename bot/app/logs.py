"""Structured logs: text on a terminal, JSON lines elsewhere; secrets struck out, and what is too long cut."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from bot.domain.redaction import struck

MOST = 4_000
"""Letters of one value in a line; of what is longer the beginning and the end, where a traceback says what it is."""


def shortened(text: str, most: int = MOST) -> str:
    """The text, its middle left out where it is too long."""
    if len(text) <= most:
        return text
    return f"{text[: most // 4]} … {len(text) - most:,} letters left out … {text[-(most - most // 4) :]}"


def _tidied(value: object) -> object:
    if isinstance(value, str):
        return shortened(struck(value))
    if isinstance(value, int | float | bool | type(None)):
        return value
    if isinstance(value, Mapping) and len(value) < _FEW:
        return {shortened(struck(str(key))): _tidied(member) for key, member in value.items()}
    return shortened(struck(str(value)))


_FEW = 50


def _tidy(_logger: object, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {key: _tidied(value) for key, value in event.items()}


def configure(form: str) -> None:
    """Send every log line, of libraries too, to standard error. ``form``: ``text``, ``json``, ``auto``, ``quiet``."""
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    level = logging.CRITICAL if form == "quiet" else logging.INFO
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    draw: Any = structlog.dev.ConsoleRenderer() if text else structlog.processors.JSONRenderer()
    finish: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[*finish, _tidy, draw])
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in ("waitress.queue", "slack_bolt"):  # they tell of each request, and of what is in it
        logging.getLogger(name).setLevel(logging.ERROR)
    for noisy in ("waitress", "botocore", "urllib3", "httpx", "google", "apscheduler"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
