"""Who works in a shop: its teams, who holds which seat from when to when, and what a team takes part in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecomtrain.shop.calendar import DAYS, N_DAYS, day_number
from ecomtrain.shop.draw import by_weight
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.truth import Truth

__all__ = ["FUNCTIONS", "MONTHS", "MONTH_FIRST", "NEVER", "REASONS", "Crew", "crew", "month"]

FUNCTIONS = ("service", "live", "operations", "warehouse", "design", "data")
REASONS = ("voluntary", "regretted", "dismissed", "expired")
WHY = (0.45, 0.25, 0.18, 0.12)
DISMISSED = REASONS.index("dismissed")
MONTH_FIRST = np.flatnonzero(np.asarray(DAYS.day) == 1)
MONTHS = len(MONTH_FIRST)
MONTH_LENGTH = np.diff(np.append(MONTH_FIRST, N_DAYS))
NEVER = MONTHS

# The shops of the claims have more teams; home has one that is too large to lead, food one that is too small.
TEAMS = {"beauty": 48, "electronics": 24, "apparel": 24}
SEATS = {"electronics": 7, "apparel": 5}
ODD_SEATS = {"home": (3, 15), "food": (4, 2)}
ATTRITION = {"beauty": 0.06, "electronics": 0.025}  # chance to leave within a month
ABILITY = {"electronics": 0.48, "beauty": 0.08}  # spread of the logarithm of what a person gets done
FILLED = 0.7  # chance that a vacant seat is filled on the first of a month
LOWEST = 2  # people of a team of electronics who are dismissed before the talent model comes


def month(date: str) -> int:
    """Count the months from the first one of the two years."""
    return int(np.searchsorted(MONTH_FIRST, day_number(date), side="right")) - 1


THREE_FROM = [
    month(f"{day}-01") for day in ("2025-01", "2025-03", "2025-05", "2025-07", "2025-09", "2025-11")
]
TALENT_FROM = GAME_FROM = month("2026-01-01")


@dataclass(frozen=True)
class Crew:
    """Teams, and the people in the order in which they came; days are counted from `START`."""

    teams: list[str]
    function: np.ndarray  # by team
    three: np.ndarray  # by team: the first month of the 3+3 week
    talent: np.ndarray
    game: np.ndarray
    team: np.ndarray  # by person
    lead: np.ndarray  # by person: in the seat of the team's lead
    ability: np.ndarray
    hired: np.ndarray
    left: np.ndarray  # the last day; N_DAYS for those who are still there
    reason: np.ndarray  # a place in REASONS, -1 for none

    def months(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """List every person's months: person, month, and the share of its days spent in the shop."""
        begin = np.maximum(np.searchsorted(MONTH_FIRST, self.hired, side="right") - 1, 0)
        end = np.searchsorted(MONTH_FIRST, np.minimum(self.left, N_DAYS - 1), side="right")
        count = np.maximum(end - begin, 0)
        person = np.repeat(np.arange(len(count)), count)
        at = np.arange(len(person)) - np.repeat(np.cumsum(count) - count, count) + begin[person]
        first = np.maximum(self.hired[person], MONTH_FIRST[at])
        last = np.minimum(self.left[person], MONTH_FIRST[at] + MONTH_LENGTH[at] - 1)
        return person, at, (last - first + 1) / MONTH_LENGTH[at]


def by_lot(rng: np.random.Generator, teams: int, starts: list[int], each: int) -> np.ndarray:
    """Draw lots: `each` of the teams begin in the month of each of `starts`, the others never."""
    begins = np.full(teams, NEVER)
    begins[rng.permutation(teams)[: each * len(starts)]] = np.repeat(starts, each)
    return begins


def crew(profile: Profile, truth: Truth, rng: np.random.Generator) -> Crew:
    """Fill the seats and let people come and go, a month at a time."""
    shop = profile.shop
    count = TEAMS.get(shop, 12)
    seats = np.full(count, SEATS.get(shop, 6))
    if shop in ODD_SEATS:
        odd, size = ODD_SEATS[shop]
        seats[odd] = size
    function = np.arange(count) % len(FUNCTIONS)
    number = np.arange(count) // len(FUNCTIONS) + 1
    names = [f"{shop}-{FUNCTIONS[f]}-{n:02d}" for f, n in zip(function, number, strict=True)]
    nobody = np.full(count, NEVER)
    three = by_lot(rng, count, THREE_FROM, 6) if shop == "beauty" else nobody
    talent = by_lot(rng, count, [TALENT_FROM], count // 2) if shop == "electronics" else nobody
    game = by_lot(rng, count, [GAME_FROM], count // 2) if shop == "apparel" else nobody

    team = np.repeat(np.arange(count), seats)
    size = len(team)
    lead = np.append(True, np.diff(team) > 0)
    at_once = shop == "social"
    rate = truth.attrition_monthly if at_once else ATTRITION.get(shop, 0.03)
    opened = day_number(profile.opened_on)
    who = np.arange(size)  # in each seat, -1 where it is vacant
    seat = [who.copy()]
    hired = [np.maximum(-rng.geometric(min(1.0, rate / 30 + 1e-4), size), opened)]
    ability = [rng.normal(0, ABILITY.get(shop, 0.2), size)]
    gone: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    total = size
    frozen = np.zeros(size, bool)

    def come(places: np.ndarray, day: np.ndarray) -> None:
        nonlocal total
        who[places] = total + np.arange(len(places))
        total += len(places)
        seat.append(places)
        hired.append(day)
        ability.append(rng.normal(0, ABILITY.get(shop, 0.2), len(places)))

    def go(places: np.ndarray, day: np.ndarray, why: np.ndarray) -> None:
        gone.append((who[places], day, why))
        who[places] = -1

    for m in range(MONTHS):
        vacant = np.flatnonzero((who < 0) & ~frozen & (rng.random(size) < FILLED))
        come(vacant, np.full(len(vacant), MONTH_FIRST[m]))
        chance = rate + np.where(m >= three[team], truth.three_on_attrition, 0.0)
        leaves = np.flatnonzero((who >= 0) & (rng.random(size) < chance))
        day = MONTH_FIRST[m] + rng.integers(2, 23, len(leaves))
        go(leaves, day, by_weight(rng, WHY, len(leaves)))
        if at_once:
            come(leaves, day + rng.integers(1, 4, len(leaves)))
        if m == TALENT_FROM - 1 and shop == "electronics":
            able = np.where(who >= 0, np.concatenate(ability)[who], np.inf)
            order = np.lexsort((able, team))
            place = np.arange(size) - np.repeat(np.cumsum(seats) - seats, seats)
            frozen[order] = (place < LOWEST) & (talent[team] < NEVER)
            out = np.flatnonzero(frozen & (who >= 0))
            go(out, MONTH_FIRST[m] + rng.integers(24, 31, len(out)), np.full(len(out), DISMISSED))

    left, reason = np.full(total, N_DAYS), np.full(total, -1)
    for people, day, why in gone:
        left[people], reason[people] = day, why
    places = np.concatenate(seat)
    # In the order of coming, so that the numbers of the staff tell who came first.
    order = np.lexsort((np.arange(total), np.concatenate(hired)))
    return Crew(
        teams=names,
        function=function,
        three=three,
        talent=talent,
        game=game,
        team=team[places][order],
        lead=lead[places][order],
        ability=np.concatenate(ability)[order],
        hired=np.concatenate(hired)[order],
        left=left[order],
        reason=reason[order],
    )
