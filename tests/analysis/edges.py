"""What the edge-case table says of one function; the topics add theirs in ``edges_<topic>.py``."""

import dataclasses
from collections.abc import Callable
from typing import Any


@dataclasses.dataclass(frozen=True)
class Case:
    """One function: its frames, one call, and the columns that its edges concern."""

    frames: tuple[str, ...]
    call: Callable[..., Any]
    times: tuple[str, ...] = ()  # columns whose clock matters
    ids: tuple[str, ...] = ()  # ids that must never be floats
    refuses_negative: tuple[str, ...] = ()
    refuses_shops: tuple[str, ...] = ()  # frames of which two shops may not be mixed
    refuses_currencies: tuple[str, ...] = ()
    aligned: bool = False  # the answer has a row for each row given
