"""The people behind the shops: staff, goals, indicators, tickets and chats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.random import Generator

from ecomtrain.shop import goals, service
from ecomtrain.shop.calendar import DAYS, N_DAYS
from ecomtrain.shop.crew import ABILITY, FUNCTIONS, MONTH_FIRST, MONTHS, NEVER, REASONS, Crew, crew, month
from ecomtrain.shop.draw import identifiers, repeat, stream, text
from ecomtrain.shop.profiles import Profile
from ecomtrain.shop.scene import Scene
from ecomtrain.shop.truth import Truth

__all__ = ["tables"]

RATINGS = ("data", "digital", "system", "intelligence")
# What a function is rated above or below the middle, in the order of RATINGS.
STRONG_IN = np.array([
    [-0.6, 0.2, 0.3, -0.2], [-0.3, 0.5, -0.4, 0.0], [0.5, 0.3, 0.2, 0.0],
    [-0.7, -0.5, 0.8, -0.6], [-0.4, 0.7, -0.2, 0.3], [1.2, 0.6, 0.3, 0.8],
])  # fmt: skip
TOO_NEW = 90  # days in the shop before anyone rates a person
SIX_DAYS = ("food", "social")
HOURS = {"3+3": 172.0, "5+2": 172.0, "6+1": 200.0}
PATTERNS = tuple(HOURS)
# Output by calendar month, January first: the two halves of a year are alike.
SEASON = np.log([0.98, 0.94, 1.0, 1.0, 1.01, 1.07, 0.97, 0.96, 1.0, 1.02, 1.07, 0.98])
PROFIT = 85.0  # yuan that a unit of output earns
EXECUTION = 0.5  # share of due tasks done in time, in the middle team
LASTING, PASSING = 0.10, 0.155  # spread of its logarithm between teams, and from quarter to quarter
OKR_FROM, OKR_FOR_ALL = month("2025-07-01"), month("2026-01-01")
CHOSEN_BY = slice(OKR_FROM - 3, OKR_FROM)


@dataclass(frozen=True)
class Work:
    """What every person did in every month."""

    person: np.ndarray
    month: np.ndarray
    presence: np.ndarray
    hours: np.ndarray
    output: np.ndarray
    due: np.ndarray
    done: np.ndarray
    points: np.ndarray
    profit: np.ndarray
    okr: np.ndarray  # by team: the first month with objectives


def tables(scene: Scene) -> dict[str, pd.DataFrame]:
    """Make the tables of this topic for one shop."""
    # The staff is that of the whole shop, whatever part of its customers is being made.
    whole = replace(scene.profile, first=0)
    people = crew(whole, scene.truth, stream(scene.seed, whole, "staff"))
    ids = identifiers(whole, len(people.team))
    return office(whole, scene.seed, scene.truth, people) | {
        "tickets": service.tickets(scene, people, ids),
        "chats": service.chats(scene, people, ids),
    }


def office(profile: Profile, seed: int, truth: Truth, people: Crew) -> dict[str, pd.DataFrame]:
    """Make the tables that no customer has a part in."""
    random = partial(stream, seed, profile)
    ids = identifiers(profile, len(people.team))
    did = work(profile, truth, people, random)
    return {
        "staff": staff(profile, people, ids, random("staff.ratings")),
        "okrs": goals.okrs(profile, people, did.okr, random("okrs")),
        "kpis": kpis(profile, people, ids, did),
    }


def drift(rng: Generator, teams: int, spread: float) -> np.ndarray:
    """Walk each team's ups and downs through the months; half of one month's lives on in the next."""
    steps = rng.normal(0, spread, (teams, MONTHS))
    for at in range(1, MONTHS):
        steps[:, at] = 0.5 * steps[:, at - 1] + np.sqrt(0.75) * steps[:, at]
    return steps


def pattern(profile: Profile, people: Crew, team: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Give the working pattern of a team in a month, as a place in PATTERNS."""
    usual = PATTERNS.index("6+1" if profile.shop in SIX_DAYS else "5+2")
    return np.where(at >= people.three[team], PATTERNS.index("3+3"), usual)


def work(profile: Profile, truth: Truth, people: Crew, random: Callable[[str], Generator]) -> Work:
    """Let everyone work: hours, output, tasks, points, profit."""
    person, at, presence = people.months()
    team, teams, size = people.team[person], len(people.teams), len(person)
    rng = random("kpis")
    usual = np.array(list(HOURS.values()))[pattern(profile, people, team, at)]
    hours = np.maximum(np.rint(presence * usual * np.exp(0.04 * rng.normal(size=size))), 1)
    level = rng.normal(0, 0.08, teams)[team] + drift(rng, teams, 0.04)[team, at]
    level += rng.normal(0, 0.004, MONTHS)[at] + SEASON[(at + 6) % 12]
    able = people.ability[person]
    effect = np.where(at >= people.three[team], 1 + truth.three_on_output, 1.0)
    effect *= np.where(at >= people.talent[team], 1 + truth.talent_output, 1.0)
    rate = effect * np.exp(able + level)
    output = np.rint(hours * rate * np.exp(0.12 * rng.normal(size=size)))

    rng = random("kpis.money")
    playing = at >= people.game[team]
    earned = hours * rate * np.exp(drift(rng, teams, 0.05)[team, at] + 0.15 * rng.normal(size=size))
    profit = np.rint(PROFIT * earned * np.where(playing, 1 + truth.game_profit, 1.0))
    scored = hours * np.exp(
        0.7 * able + 0.03 * drift(rng, teams, 1.0)[team, at] + 0.2 * rng.normal(size=size)
    )
    # In the game half of the points have nothing to do with what a person gets done.
    luck = rng.normal(0, ABILITY.get(profile.shop, 0.2), size)
    idle = hours * np.exp(0.7 * luck + 0.03 * drift(rng, teams, 1.0)[team, at] + 0.2 * rng.normal(size=size))
    points = np.rint(np.where(playing, (1 + truth.game_points) * (scored + idle) / 2, scored))
    due, done, okr = tasks(truth, people, person, at, presence, random("kpis.tasks"))
    return Work(person, at, presence, hours, output, due, done, points, profit, okr)


def tasks(
    truth: Truth, people: Crew, person: np.ndarray, at: np.ndarray, presence: np.ndarray, rng: Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw the tasks due and done in time, and choose by them who gets objectives first.

    The third of the teams that did least in the quarter before is put on a list; half of it, by lot, begins
    then, and all others half a year later.
    """
    team, teams = people.team[person], len(people.teams)
    due = rng.poisson(5 * presence)
    level = rng.normal(0, LASTING, teams)[:, None] + rng.normal(0, PASSING, (teams, MONTHS // 3))
    chance = EXECUTION * np.exp(level)[team, at // 3]
    early = at < OKR_FROM
    done = rng.binomial(due, np.where(early, np.minimum(chance, 0.98), 0.0))
    judged = (at >= CHOSEN_BY.start) & early
    share = np.bincount(team[judged], done[judged], teams) / np.bincount(team[judged], due[judged], teams)
    listed = rng.permutation(np.argsort(share, kind="stable")[: teams // 3])
    okr = np.full(teams, OKR_FOR_ALL)
    okr[listed[: len(listed) // 2]] = OKR_FROM
    chance *= np.where(at >= okr[team], 1 + truth.okr_execution, 1.0)
    done += rng.binomial(due, np.where(early, 0.0, np.minimum(chance, 0.98)))
    return due, done, okr


def kpis(profile: Profile, people: Crew, ids: np.ndarray, did: Work) -> pd.DataFrame:
    """List what every person did in every month."""
    person, at = did.person, did.month
    team = people.team[person]
    return pd.DataFrame(
        {
            "month": DAYS[MONTH_FIRST[at]],
            "shop": repeat(profile.shop, len(person)),
            "team": text(team, people.teams),
            "staff_id": ids[person],
            "pattern": text(pattern(profile, people, team, at), PATTERNS),
            "okr": at >= did.okr[team],
            "talent_model": at >= people.talent[team],
            "game": at >= people.game[team],
            "hours": did.hours.astype("int64"),
            "output": did.output.astype("int64"),
            "tasks_due": did.due.astype("int64"),
            "tasks_done": did.done.astype("int64"),
            "points": did.points.astype("int64"),
            "profit": did.profit.astype("float64"),
        }
    )


def managers(people: Crew) -> np.ndarray:
    """Find whom each person reports to in the end, -1 for nobody.

    Members report to their team's lead, leads to the lead of the function's first team, and those to the
    shop's manager, who leads the first team of operations.
    """
    teams = np.arange(len(people.teams))
    head = teams % len(FUNCTIONS)
    above = np.where(teams == head, FUNCTIONS.index("operations"), head)
    boss = np.where(people.lead, above[people.team], people.team)
    top = people.lead & (people.team == FUNCTIONS.index("operations"))
    last = np.minimum(people.left, N_DAYS - 1)
    leads = np.flatnonzero(people.lead)
    # The holders of a lead's seat follow one another, so the newest of them by a day is a search.
    span = 10 * N_DAYS
    key = people.team[leads] * 2 * span + people.hired[leads] + span
    order = np.argsort(key)
    found = np.searchsorted(key[order], boss * 2 * span + last + span, side="right") - 1
    chief = leads[order[np.maximum(found, 0)]]
    there = (found >= 0) & (people.team[chief] == boss) & (people.left[chief] >= last)
    return np.where(there & ~top, chief, -1)


def staff(profile: Profile, people: Crew, ids: np.ndarray, rng: Generator) -> pd.DataFrame:
    """List the people with their terms and ratings."""
    size = len(ids)
    chief = managers(people)
    still = people.left == N_DAYS
    middle = 3 + 2 * people.ability[:, None] + STRONG_IN[people.function[people.team]]
    middle = middle + np.where((people.talent[people.team] < NEVER) & still, 0.5, 0.0)[:, None]
    rating = np.clip(np.rint(middle + 0.6 * rng.normal(size=(size, 4))), 1, 5).astype("int64")
    rated = (np.minimum(people.left, N_DAYS) - people.hired) >= TOO_NEW
    at = np.searchsorted(MONTH_FIRST, np.minimum(people.left, N_DAYS - 1), side="right") - 1
    usual = np.where(people.lead, 13_000, 7_500) * np.exp(0.12 * rng.normal(size=size) + people.ability / 3)
    first = DAYS[0]
    frame = pd.DataFrame(
        {
            "staff_id": ids,
            "shop": repeat(profile.shop, size),
            "team": text(people.team, people.teams),
            "function": text(people.function[people.team], FUNCTIONS),
            "role": text(people.lead.astype(int), ("member", "lead")),
            "manager_id": pd.array(ids[np.maximum(chief, 0)], "Int64"),
            "hired_on": first + pd.to_timedelta(people.hired, unit="D").as_unit("us"),
            "left_on": (first + pd.to_timedelta(people.left, unit="D").as_unit("us")).where(~still),
            "reason": text(people.reason, REASONS),
            "pattern": text(pattern(profile, people, people.team, at), PATTERNS),
            "salary": np.rint(usual / 100) * 100,
        }
        | {name: pd.array(rating[:, k], "Int64") for k, name in enumerate(RATINGS)}
    )
    frame.loc[chief < 0, "manager_id"] = pd.NA
    frame.loc[~rated, list(RATINGS)] = pd.NA
    return frame
