"""Structured logs: text on a terminal, JSON lines elsewhere; secrets struck out wherever they turn up."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_SECRETS = re.compile(
    r"(xox[a-z]-|xapp-|xoxe[.-]|sk-ant-|sk-admin-|sk-proj-|sk-|AKIA|ASIA|ya29\.|Bearer\s+)[A-Za-z0-9_.\-/+=]{6,}"
)


def struck(text: str) -> str:
    """The text with anything that looks like a key or token struck out but for how it begins."""
    return _SECRETS.sub(r"\1…", text)


def _strike(_logger: object, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {key: struck(value) if isinstance(value, str) else value for key, value in event.items()}


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
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[*finish, _strike, draw])
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in ("slack_bolt", "botocore", "urllib3", "httpx", "google", "apscheduler"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
