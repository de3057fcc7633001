"""What is planted for people, goals and service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecomtrain.shop.truth._part import Part, planted

__all__ = ["TeamTruth"]


@dataclass(frozen=True)
class TeamTruth(Part):
    """Planted numbers of people, goals and service."""

    okr_execution: float = planted(
        0.08,
        "C1.K5",
        "relative change",
        -0.3,
        0.35,
        "all shops: share of due tasks that a team does in time with OKR over without, among the third of "
        "each shop's teams that was weakest in the second quarter of 2025, half of which began then by lot",
    )
    three_on_output: float = planted(
        0.06,
        "C6.T1",
        "relative change",
        -0.5,
        1.0,
        "beauty: output per hour of a team with the 3+3 week over the same team before, against "
        "teams that have not changed yet",
    )
    three_on_attrition: float = planted(
        -0.03,
        "C6.T1",
        "points a month",
        -0.055,
        0.3,
        "beauty: chance of a person to leave within a month with the 3+3 week, less the chance before (6 %)",
    )
    talent_output: float = planted(
        0.09,
        "C6.T2",
        "relative change",
        -0.5,
        1.0,
        "electronics: output per hour of the same people after their team took up the talent model in "
        "January 2026 over the half-year before, against teams without it",
    )
    game_points: float = planted(
        0.30,
        "C6.T3",
        "relative change",
        -0.5,
        2.0,
        "apparel: points of the indicator game per hour of a team in the game over before it",
    )
    game_profit: float = planted(
        0.0,
        "C6.T3",
        "relative change",
        -0.5,
        1.0,
        "apparel: profit of a team in the game over before it, against teams that do not play",
    )
    attrition_monthly: float = planted(
        0.15,
        "C6.T4",
        "share of headcount a month",
        0.0,
        0.9,
        "social: chance of a person who is there at the start of a month to leave in it (replaced in days)",
    )
    response_before: float = planted(
        0.78,
        "C6.T5",
        "share of rounds",
        0.0,
        1.0,
        "all shops: rounds from 8:00 to 23:00 without AI that a person answers within three minutes",
    )
    response_before_night: float = planted(
        0.15,
        "C6.T5",
        "share of rounds",
        0.0,
        1.0,
        "all shops: rounds from 23:00 to 8:00 without AI that a person answers within three minutes",
    )
    response_person: float = planted(
        0.80,
        "C6.T5",
        "share of rounds",
        0.0,
        1.0,
        "all shops: rounds from 8:00 to 23:00 with AI service that go to a person alone, answered within "
        "three minutes",
    )
    response_assist: float = planted(
        0.93,
        "C6.T5",
        "share of rounds",
        0.0,
        1.0,
        "all shops: rounds with AI service that a person answers with a suggested text within three minutes",
    )
    response_bot: float = planted(
        0.99,
        "C6.T5",
        "share of rounds",
        0.0,
        1.0,
        "all shops: rounds with AI service that go to the bot, answered within three minutes",
    )
    rounds_bot: float = planted(
        0.60,
        "C6.T5",
        "share of rounds",
        0.0,
        0.9,
        "all shops: rounds from 8:00 to 23:00 with AI service that go to the bot (at night all do)",
    )
    rounds_assist: float = planted(
        0.25,
        "C6.T5",
        "share of rounds",
        0.0,
        0.9,
        "all shops: rounds from 8:00 to 23:00 with AI service that go to a person with a suggested text",
    )
    rounds_night: float = planted(
        0.12,
        "C6.T5",
        "share of rounds",
        0.0,
        0.9,
        "all shops: rounds from 23:00 to 8:00, with AI service or without",
    )

    def contradictions(self) -> Iterator[str]:
        """Hold the numbers against each other."""
        machine = self.rounds_bot + self.rounds_assist
        if machine > 0.98:
            yield (
                f"rounds_bot and rounds_assist add up to {machine:g}; they are shares of the same rounds, of "
                "which people alone must keep 0.02. Lower one of them."
            )
