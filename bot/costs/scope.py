"""What a person may see: every number asked for them is narrowed to it, totals included."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bot.costs.question import Filter


class Scope(BaseModel):
    """Sources and values that may be seen; None and ``()`` are no restriction."""

    model_config = ConfigDict(frozen=True)

    sources: tuple[str, ...] | None = None
    where: tuple[Filter, ...] = ()

    def sees(self, source: str) -> bool:
        """Whether anything of the source may be seen."""
        return self.sources is None or source in self.sources


EVERYTHING = Scope()
"""No restriction."""
