"""Customer service (客服): answers in time, waiting, staffing, rosters, and what a bot brings."""

from __future__ import annotations

from ecomtrain.analysis._ai_case import ai_case
from ecomtrain.analysis._answers import ResponseReport, response_metrics
from ecomtrain.analysis._queues import agents_needed, erlang_a, erlang_c
from ecomtrain.analysis._shifts import Roster, roster, staffing

__all__ = [
    "ResponseReport",
    "Roster",
    "agents_needed",
    "ai_case",
    "erlang_a",
    "erlang_c",
    "response_metrics",
    "roster",
    "staffing",
]
