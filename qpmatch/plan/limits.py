"""The removals guard (SPEC 6)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How many links a plan may remove, or what share of all in per cent, whichever is more."""

    removals: int = 10
    removals_percent: float = 20.0

    def exceeded(self, removed: int, existing: int) -> bool:
        """Whether removing so many links of so many goes beyond both limits."""
        return removed > self.removals and removed * 100 > self.removals_percent * existing


DEFAULT_LIMITS = Limits()
"""The limits of SPEC 6."""
