"""Every effect that is planted in the simulated shop, with the claim it answers; a module per topic."""

from __future__ import annotations

from dataclasses import dataclass, fields
from numbers import Real

from ecomtrain.errors import CourseError
from ecomtrain.shop.truth._ads import AdsTruth
from ecomtrain.shop.truth._content import ContentTruth
from ecomtrain.shop.truth._customers import CustomersTruth
from ecomtrain.shop.truth._data import DataTruth
from ecomtrain.shop.truth._market import MarketTruth
from ecomtrain.shop.truth._part import Part
from ecomtrain.shop.truth._products import ProductsTruth
from ecomtrain.shop.truth._team import TeamTruth
from ecomtrain.shop.truth._trials import TrialsTruth

__all__ = ["Truth"]


# The fields of the last base come first.
@dataclass(frozen=True)
class Truth(
    TeamTruth, CustomersTruth, ProductsTruth, ContentTruth, AdsTruth, TrialsTruth, MarketTruth, DataTruth
):
    """What is true in the simulated shop, so that an estimate can be held against it.

    Each field's ``metadata`` holds ``claim`` (the entry of the ledger), ``unit``, ``meaning``, and the
    domain ``low`` to ``high``.

    Raises
    ------
    CourseError
        If a number lies outside its domain, or two numbers contradict each other.

    Examples
    --------
    >>> Truth().weekend_index
    1.25
    >>> Truth(weekend_index=9)
    Traceback (most recent call last):
        ...
    ecomtrain.errors.CourseError: Truth: weekend_index is 9; give a number from 0.5 to 3 (fmcg: ...).
    """

    def __post_init__(self) -> None:
        """Check every number against its domain and the others."""
        for item in fields(self):
            value, allowed = getattr(self, item.name), item.metadata
            number = isinstance(value, Real) and not isinstance(value, bool)
            if not number or not allowed["low"] <= value <= allowed["high"]:
                raise CourseError(
                    f"Truth: {item.name} is {value!r}; give a number from {allowed['low']:g} to "
                    f"{allowed['high']:g} ({allowed['meaning']})."
                )
        for part in Truth.__bases__:
            assert issubclass(part, Part)
            for sentence in part.contradictions(self):
                raise CourseError(f"Truth: {sentence}")
