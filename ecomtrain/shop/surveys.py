"""What people answer when asked: a study of certified garments, recommendation and satisfaction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit

from ecomtrain.shop.calendar import DAYS, N_DAYS, day_number
from ecomtrain.shop.draw import by_weight, identifiers, repeat, text
from ecomtrain.shop.scene import Scene

__all__ = ["responses"]

AGES = {"18-21": 21, "22-25": 25, "26-29": 29, "30-39": 39, "40-49": 49, "50+": 200}  # group: its last age
TIERS = {
    "tier 1": ("上海", "北京", "广州", "深圳"),
    "tier 3": ("绵阳", "宜昌", "洛阳", "烟台", "温州", "佛山"),
}
GEN_Z = 3  # the first age groups
# Of Generation Z: three age groups by three tiers of cities.
POPULATION_SHARE = np.outer([0.30, 0.34, 0.36], [0.14, 0.46, 0.40])
PANEL_SHARE = np.outer([0.22, 0.33, 0.45], [0.30, 0.48, 0.22])
LEANING = np.add.outer([0.35, 0.0, -0.3], [0.55, 0.1, -0.35])  # log odds of preferring the certified garment
PANEL_NEUTRAL, PANEL_LEADING, OPT_IN_LEADING, OPT_IN_NEUTRAL = 900, 450, 640, 420
ASKED_FROM = day_number("2026-03-02")
SURVEY_DAYS = 21
QUESTIONS = {
    "certified_goods": {
        "neutral": "Two garments are alike but for price and a certified supply chain. Which would you take?",
        "leading": "Do you, too, prefer garments with a certified sustainable supply chain?",
    },
    "nps": {"neutral": "How likely are you to recommend the shop to a friend?"},
    "csat": {"neutral": "How satisfied are you with this order?"},
}
NPS, CSAT = 200, 240  # responses of a shop at scale 1


def responses(scene: Scene) -> pd.DataFrame:
    """Make the responses to all surveys of one shop."""
    profile = scene.profile
    answers = [nps(scene), csat(scene)]
    if profile.shop == "apparel":
        answers = [certified(scene), *answers]
    table = pd.concat(answers, ignore_index=True)
    table.insert(0, "response_id", identifiers(profile, len(table)))
    return table


def laid_out(
    survey: str, shop: str, wording: str, recruitment: str, day: np.ndarray, score: np.ndarray, **columns: Any
) -> pd.DataFrame:
    """Lay out the responses to one survey."""
    n = len(day)
    missing = pd.array([pd.NA] * n, dtype="Int64")
    frame = {
        "shop": repeat(shop, n),
        "survey": repeat(survey, n),
        "date": DAYS[day],
        "recruitment": repeat(recruitment, n),
        "wording": repeat(wording, n),
        "question": repeat(QUESTIONS[survey][wording], n),
        "customer_id": missing,
        "order_id": missing,
        "age_group": text(np.full(n, -1), ["none"]),
        "city_tier": text(np.full(n, -1), ["none"]),
        "weight": np.ones(n),
        "score": np.asarray(score, "int64"),
    }
    return pd.DataFrame(frame | columns)


def groups(people: pd.DataFrame, year: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
    """Code the age group of customers in a year, and the tier of their city."""
    age = np.searchsorted(list(AGES.values()), year - people["birth_year"].to_numpy())
    city = people["city"]
    tier = np.select([city.isin(TIERS["tier 1"]), city.isin(TIERS["tier 3"])], [0, 2], 1)
    return age, tier


def spelled(age: np.ndarray, tier: np.ndarray) -> dict[str, Any]:
    """Spell out coded age groups and tiers."""
    return {"age_group": text(age, list(AGES)), "city_tier": text(tier, ["tier 1", "tier 2", "tier 3"])}


def chances(target: float, share: np.ndarray) -> np.ndarray:
    """Move the leanings of the nine cells so that their mean, weighted with `share`, is the target."""
    weight = share / share.sum()

    def off(shift: float) -> float:
        return float((weight * expit(LEANING + shift)).sum() - target)

    moved: np.ndarray = expit(LEANING + brentq(off, -12, 12))
    return moved


def certified(scene: Scene) -> pd.DataFrame:
    """Ask Generation Z about certified garments: a panel, and those who come by themselves."""
    profile, truth, rng = scene.profile, scene.truth, scene.random("surveys.certified")
    people = scene.people.frame
    age, tier = groups(people, 2026)
    young = np.flatnonzero((age < GEN_Z) & (people["registered_at"] < str(DAYS[ASKED_FROM].date())))
    came = rng.permutation(young)
    leading = came[: round(OPT_IN_LEADING * scene.scale)]
    neutral = came[len(leading) :][: round(OPT_IN_NEUTRAL * scene.scale)]
    cell = age * 3 + tier
    composition = np.bincount(cell[leading], minlength=9)[:9].reshape(3, 3)
    composition = composition if composition.sum() else POPULATION_SHARE
    fair = chances(truth.certified_preferred, POPULATION_SHARE)
    pushed = chances(truth.certified_claimed, composition)
    # Each bias alone goes half of the way, on the scale of log odds.
    between = expit((logit(fair) + logit(pushed)) / 2)

    def answers(likes: np.ndarray) -> np.ndarray:
        strong = rng.random(len(likes))
        return np.where(likes, 4 + (strong < 0.45), 1 + by_weight(rng, [2, 3, 5], len(likes)))

    parts = []
    # The panel is one, however many shards of the shop there are.
    panel = () if profile.first else ((PANEL_NEUTRAL, "neutral", fair), (PANEL_LEADING, "leading", between))
    for size, wording, chance in panel:
        where = by_weight(rng, PANEL_SHARE.ravel(), size)
        count = np.bincount(where, minlength=9)
        weight = (POPULATION_SHARE.ravel() / np.maximum(count, 1))[where]
        parts.append(
            laid_out(
                "certified_goods",
                "apparel",
                wording,
                "panel",
                np.sort(ASKED_FROM + rng.integers(0, SURVEY_DAYS, size)),
                answers(rng.random(size) < chance.ravel()[where]),
                weight=np.round(weight * size / weight.sum(), 6),
                **spelled(*np.divmod(where, 3)),
            )
        )
    for wording, who, chance in (("leading", leading, pushed), ("neutral", neutral, between)):
        parts.append(
            laid_out(
                "certified_goods",
                "apparel",
                wording,
                "opt_in",
                np.sort(ASKED_FROM + rng.integers(0, SURVEY_DAYS, len(who))),
                answers(rng.random(len(who)) < chance.ravel()[cell[who]]),
                customer_id=pd.array(people["customer_id"].to_numpy()[who], "Int64"),
                **spelled(age[who], tier[who]),
            )
        )
    return pd.concat(parts, ignore_index=True)


def asked_about(scene: Scene, rng: np.random.Generator, wanted: int, wait: tuple[int, int]) -> pd.DataFrame:
    """Draw paid orders whose customers answer some days later, once each."""
    orders = scene.sales.tables["orders"]
    orders = orders[orders["status"] == "paid"]
    paid = (orders["paid_at"].dt.tz_localize(None) - DAYS[0]).dt.days
    day = paid.to_numpy("int64") + rng.integers(*wait, len(orders))
    order = rng.permutation(np.flatnonzero(day < N_DAYS))
    drawn = orders.iloc[order].assign(day=day[order]).drop_duplicates("customer_id").head(wanted)
    drawn = drawn.sort_values(["day", "order_id"])
    people = scene.people.frame.set_index("customer_id").loc[drawn["customer_id"]]
    age, tier = groups(people, DAYS[drawn["day"]].year.to_numpy())
    return drawn.assign(age=age, tier=tier)


def nps(scene: Scene) -> pd.DataFrame:
    """Ask customers, once each, whether they would recommend the shop."""
    rng = scene.random("surveys.nps")
    drawn = asked_about(scene, rng, round(NPS * scene.scale), (14, 60))
    mood = rng.uniform(8.2, 9.0) + 2.0 * rng.normal(size=len(drawn)) - rng.exponential(0.4, len(drawn))
    return laid_out(
        "nps",
        scene.profile.shop,
        "neutral",
        "customer",
        drawn["day"].to_numpy(),
        np.clip(np.rint(mood), 0, 10),
        customer_id=pd.array(drawn["customer_id"].to_numpy(), "Int64"),
        **spelled(drawn["age"].to_numpy(), drawn["tier"].to_numpy()),
    )


def csat(scene: Scene) -> pd.DataFrame:
    """Ask customers about an order; whoever sent something back is less satisfied."""
    rng = scene.random("surveys.csat")
    drawn = asked_about(scene, rng, round(CSAT * scene.scale), (4, 30))
    returned = drawn["order_id"].isin(scene.sales.tables["returns"]["order_id"]).to_numpy()
    mood = rng.uniform(4.2, 4.5) - 0.9 * returned + 0.9 * rng.normal(size=len(drawn))
    return laid_out(
        "csat",
        scene.profile.shop,
        "neutral",
        "customer",
        drawn["day"].to_numpy(),
        np.clip(np.rint(mood), 1, 5),
        customer_id=pd.array(drawn["customer_id"].to_numpy(), "Int64"),
        order_id=pd.array(drawn["order_id"].to_numpy(), "Int64"),
        **spelled(drawn["age"].to_numpy(), drawn["tier"].to_numpy()),
    )
