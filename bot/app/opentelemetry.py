"""Sends spans to an OpenTelemetry collector, where ``OTEL_EXPORTER_OTLP_ENDPOINT`` names one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot import tracing
from bot.domain.errors import Misconfigured

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Tracer

_PREFIX = "spend."


def trace(processor: SpanProcessor | None = None) -> None:
    """Sends the spans of this process to a processor; None takes the collector that the environment names.

    Raises:
        Misconfigured: the extra is not installed.
    """
    try:
        from opentelemetry import trace as api  # an extra, imported only where it is switched on
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
    except ImportError as error:
        raise _missing() from error
    provider = TracerProvider(resource=Resource.create({"service.name": "spend"}))
    provider.add_span_processor(processor or _collector())
    api.set_tracer_provider(provider)
    tracing.switch_on(OpenTelemetry(provider.get_tracer("spend")))


def _collector() -> SpanProcessor:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise _missing() from error
    return BatchSpanProcessor(OTLPSpanExporter())


def _missing() -> Misconfigured:
    return Misconfigured(
        "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed.", "pip install 'spend[opentelemetry]'"
    )


class OpenTelemetry:
    """``tracing.TraceBackend`` over a tracer."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    @contextmanager
    def span(self, name: str, attributes: dict[str, str]) -> Iterator[None]:
        """A span below the current one; what is raised in it is named by its type, whose words may hold names."""
        from opentelemetry.trace import StatusCode  # imported already

        with self._tracer.start_as_current_span(
            _PREFIX + name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as current:
            try:
                yield
            except BaseException as error:
                current.set_attribute("error.type", type(error).__name__)
                current.set_status(StatusCode.ERROR)
                raise

    def finished(self, name: str, seconds: float, attributes: dict[str, str]) -> None:
        """A span that ends now."""
        now = time.time_ns()
        started = now - int(seconds * 1e9)
        self._tracer.start_span(_PREFIX + name, attributes=attributes, start_time=started).end(end_time=now)
