"""What the parts of the truth share: how a planted number is declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Part", "planted"]


def planted(value: float, claim: str, unit: str, low: float, high: float, meaning: str) -> float:
    """Declare one planted number; it must lie between `low` and `high`, both included."""
    metadata = {"claim": claim, "unit": unit, "low": low, "high": high, "meaning": meaning}
    made: float = field(default=value, metadata=metadata)
    return made


@dataclass(frozen=True)
class Part:
    """The planted numbers of one topic."""

    def contradictions(self) -> Iterator[str]:
        """Say what is wrong between numbers that are each in their domain."""
        yield from ()
