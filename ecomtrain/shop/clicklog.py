"""The click log: what every session does, second by second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecomtrain.shop.calendar import DAY, LAST_SECOND, stamp
from ecomtrain.shop.catalogue import Catalogue
from ecomtrain.shop.draw import by_day, by_weight, identifiers, repeat, text
from ecomtrain.shop.profiles import CHANNELS, DEVICES, Profile
from ecomtrain.shop.traffic import DETAIL, HOME, LIST, SEARCH, WALKED, Visits, home_seconds
from ecomtrain.shop.trials import assignments, branch, by_first_visit, of_shop
from ecomtrain.shop.truth import Truth

__all__ = ["Clicks", "clicks", "tables"]

PAGES = (*WALKED, "cart", "checkout", "done")
CART, CHECKOUT, DONE = 5, 6, 7
EVENTS = ("view", "click", "search", "like", "comment", "share", "favourite", "cart", "checkout", "address",
          "identity", "customs", "shipping_choice", "payment", "order", "pay")  # fmt: skip
CODE = {name: code for code, name in enumerate(EVENTS)}
ELEMENTS = ("dead_click", "banner", "category_icon", "search_box", "product_card", "content_card", "gallery",
            "reviews", "size_guide", "buy_button")  # fmt: skip
ELEMENT = {name: code for code, name in enumerate(ELEMENTS)}
INTERACTIONS = np.array([CODE[name] for name in ("like", "favourite", "comment", "share")])
# What is hit on the home page to reach each next page; the list is reached by the banner or a category icon.
LEADS_TO = np.array(
    [-1, ELEMENT["category_icon"], ELEMENT["search_box"], ELEMENT["product_card"], ELEMENT["content_card"]]
)
LOOKS = 0.3  # of detail views, with a click on gallery, reviews or size guide

# The way through the cart: event, page, and the first depth (1 cart ... 4 paid) that sees it for certain.
TAIL = [
    ("view", CART, 1), ("view", CHECKOUT, 2), ("checkout", CHECKOUT, 2), ("address", CHECKOUT, 3),
    ("identity", CHECKOUT, 3), ("customs", CHECKOUT, 3), ("shipping_choice", CHECKOUT, 3),
    ("payment", CHECKOUT, 3), ("order", CHECKOUT, 3), ("pay", CHECKOUT, 4), ("view", DONE, 4),
]  # fmt: skip
ORDER_STEP, PAY_STEP = 8, 9
LONG_ONLY = np.array([step in ("identity", "customs", "shipping_choice") for step, *_ in TAIL])

Whole = np.ndarray | int


@dataclass(frozen=True)
class Clicks:
    """The events as arrays in order of session and time, and by session its order's times, -1 for none."""

    session: np.ndarray
    at: np.ndarray
    event: np.ndarray
    page: np.ndarray
    element: np.ndarray
    product: np.ndarray
    ordered: np.ndarray
    paid: np.ndarray


def clicks(
    profile: Profile, truth: Truth, goods: Catalogue, seen: Visits, rng: np.random.Generator
) -> Clicks:
    """Write the click log of a shop's visits."""
    n = len(seen.start)
    length = (seen.pages >= 0).sum(axis=1)
    session = np.repeat(np.arange(n), length)
    position = np.arange(len(session)) - np.repeat(np.cumsum(length) - length, length)
    page = seen.pages[session, position].astype("int64")
    last = position == length[session] - 1
    final = np.zeros(len(session), bool)  # the last detail view of its session: here one interacts and buys
    rows = np.flatnonzero(page == DETAIL)
    final[rows[np.diff(session[rows], append=-1) != 0]] = True
    product = np.where(page == DETAIL, by_day(rng, goods.running, seen.start[session] // DAY), -1)
    product[final] = seen.product[session[final]]

    blocks: list[tuple[np.ndarray, ...]] = []  # row of the view, second in it, event, element

    def happen(rows: np.ndarray, second: Whole, event: Whole | str, element: Whole = -1) -> None:
        code = CODE[event] if isinstance(event, str) else event
        blocks.append((rows, *(np.broadcast_to(np.asarray(v), rows.shape) for v in (second, code, element))))

    # On a detail page things happen in this order: a look at its parts (second 2), a dead hit (3), likes and
    # comments (4 on), the cart (the last second).
    happen(np.arange(len(session)), 0, "view")
    happen(np.flatnonzero(page == SEARCH), 1, "search")
    looks = np.flatnonzero((page == DETAIL) & (rng.random(len(page)) < curiosity(truth, seen, rng)[session]))
    happen(looks, 2, "click", 6 + by_weight(rng, [5, 4, 2], len(looks)))
    hit = np.flatnonzero(final & seen.dead[session])
    happen(hit, 3, "click", ELEMENT["dead_click"])
    busy = np.full(len(session), 4)
    count = np.where(final, seen.interactions[session], 0)
    for k in range(int(count.max(initial=0))):
        doing = np.flatnonzero(count > k)
        happen(doing, busy[doing], INTERACTIONS[by_weight(rng, [5, 2.5, 1.5, 1], len(doing))])
        busy[doing] += rng.integers(2, 9, len(doing))
    longer = np.rint(np.exp(np.log(18) + 0.9 * rng.normal(size=len(session)))).clip(3, 400).astype("int64")
    stay = np.where(page == DETAIL, busy + longer, 2 + longer // np.where(page == LIST, 1, 2))

    # The first home view lasts what was drawn with its session's chance to pay; it ends with the click that
    # leads on.
    at_home = page == HOME
    stay = np.where(at_home, home_seconds(truth, len(session), rng), stay)
    first = np.flatnonzero(at_home)[np.unique(session[at_home], return_index=True)[1]]
    stay[first] = seen.home_seconds[session[first]]
    leads = np.flatnonzero(at_home & ~last)
    following = page[leads + 1]
    element = np.where(
        (following == LIST) & (rng.random(len(leads)) < 0.4), ELEMENT["banner"], LEADS_TO[following]
    )
    happen(leads, stay[leads] - 1, "click", element)
    missed = np.flatnonzero(at_home & (stay >= 6) & ~last & (rng.random(len(page)) < 0.05))
    happen(missed, stay[missed] // 2, "click", ELEMENT["dead_click"])
    buys = np.flatnonzero(last & (seen.depth[session] > 0))
    happen(buys, stay[buys] - 2, "click", ELEMENT["buy_button"])
    happen(buys, stay[buys] - 1, "cart")

    gone = np.cumsum(stay) - stay
    opened = seen.start[session] + gone - np.repeat(gone[np.cumsum(length) - length], length)
    row, second, event, element = (np.concatenate(part) for part in zip(*blocks, strict=True))
    parts: list[tuple[np.ndarray, ...]] = [
        (session[row], opened[row] + second, event, page[row], element, product[row])
    ]
    tail, ordered, paid = checkout_tail(seen, opened + stay, last, session, rng)
    parts.append(tail)
    session, at, event, page, element, product = (np.concatenate(part) for part in zip(*parts, strict=True))

    # A session still under way when the log ends is not in it.
    over = np.unique(session[at > LAST_SECOND])
    keep = np.isin(session, over, invert=True)
    order = np.flatnonzero(keep)[np.lexsort((at[keep], session[keep]))]
    return Clicks(
        session[order],
        at[order],
        event[order],
        page[order],
        element[order],
        product[order],
        np.where(np.isin(np.arange(n), over), -1, ordered),
        np.where(np.isin(np.arange(n), over), -1, paid),
    )


def curiosity(truth: Truth, seen: Visits, rng: np.random.Generator) -> np.ndarray:
    """Give each session's chance to click on a part of a detail page; in the layout test visitors differ."""
    n = len(seen.start)
    if "detail_layout" not in seen.arms:
        return np.full(n, LOOKS)
    taste = by_first_visit(branch(rng, "curiosity").uniform(0.25, 1.75, n), seen.visitor)
    chance: np.ndarray = LOOKS * taste * (1 + truth.layout_clicks * seen.arms["detail_layout"])
    return chance


def checkout_tail(
    seen: Visits,
    ends: np.ndarray,
    last: np.ndarray,
    session: np.ndarray,
    rng: np.random.Generator,
) -> tuple[tuple[np.ndarray, ...], np.ndarray, np.ndarray]:
    """Lead those who filled a cart through the checkout, as far as they get."""
    rows = np.flatnonzero(seen.depth > 0)
    depth = seen.depth[rows]
    start = np.zeros(len(seen.start), "int64")
    start[session[last]] = ends[last]
    reached = np.array([first for *_, first in TAIL])[None, :] <= depth[:, None]
    exists = np.ones((len(rows), len(TAIL)), bool)
    long = seen.arms.get("checkout_steps", np.zeros(len(seen.start), "int64"))[rows] == 1
    exists[~long] &= ~LONG_ONLY
    # Who gives up in the checkout does so after any of its steps, from its beginning to the payment form.
    steps = exists[:, 3:ORDER_STEP].sum(axis=1)
    done = np.where(depth == 2, (rng.random(len(rows)) * (steps + 1)).astype("int64"), 0)
    reached[:, 3:ORDER_STEP] |= np.cumsum(exists[:, 3:ORDER_STEP], axis=1) <= done[:, None]
    happens = exists & reached
    gaps = rng.integers(3, 40, happens.shape) * happens
    gaps[:, 0] = 1
    gaps[:, 2] = np.minimum(gaps[:, 2], 1)
    at = start[rows][:, None] + np.cumsum(gaps, axis=1) - 1
    who, step = np.nonzero(happens)
    none = np.full(len(who), -1)
    tail = (
        rows[who],
        at[who, step],
        np.array([CODE[name] for name, *_ in TAIL])[step],
        np.array([page for _, page, _ in TAIL])[step],
        none,
        none,
    )
    ordered, paid = (np.full(len(seen.start), -1, "int64") for _ in range(2))
    ordered[rows[depth >= 3]] = at[depth >= 3, ORDER_STEP]
    paid[rows[depth == 4]] = at[depth == 4, PAY_STEP]
    return tail, ordered, paid


def tables(
    profile: Profile,
    goods: Catalogue,
    seen: Visits,
    log: Clicks,
    people: pd.DataFrame,
    rng: np.random.Generator,
) -> tuple[dict[str, pd.DataFrame], np.ndarray]:
    """Write sessions, events and experiments; also give each session's id, 0 for one that was cut off."""
    kept = np.unique(log.session)
    ids = np.zeros(len(seen.start), "int64")
    ids[kept] = identifiers(profile, len(kept))
    buyer = log.ordered[kept] >= 0
    signs_in = rng.random(int(seen.visitor.max(initial=-1)) + 1) < 0.38
    logged = buyer | (signs_in[seen.visitor[kept]] & (rng.random(len(kept)) < 0.85))
    customer = pd.array(people["customer_id"].to_numpy()[seen.customer[kept]], "Int64")
    customer[~logged] = pd.NA
    visitor = identifiers(profile, int(seen.visitor.max(initial=-1)) + 1)[seen.visitor]

    sessions = pd.DataFrame(
        {
            "session_id": ids[kept],
            "shop": repeat(profile.shop, len(kept)),
            "visitor_id": visitor[kept],
            "customer_id": customer,
            "started_at": stamp(seen.start[kept]),
            "channel": text(seen.channel[kept], CHANNELS),
            "device": text(seen.device[kept], DEVICES),
            "is_new": seen.is_new[kept],
        }
    )
    events = pd.DataFrame(
        {
            "event_id": identifiers(profile, len(log.at), 1_000_000_000),
            "shop": repeat(profile.shop, len(log.at)),
            "session_id": ids[log.session],
            "visitor_id": visitor[log.session],
            "ts": stamp(log.at),
            "event": text(log.event, EVENTS),
            "page": text(log.page, PAGES),
            "element": text(log.element, ELEMENTS),
            "product_id": text(log.product, goods.names),
        }
    )
    made = {"sessions": sessions, "events": events}
    first = kept[np.unique(seen.visitor[kept], return_index=True)[1]]
    tests = [
        assignments(test, visitor[first], seen.arms[test.name][first], seen.start[first])
        for test in of_shop(profile.shop, "visitor")
    ]
    if tests:
        made["experiments"] = pd.concat(tests, ignore_index=True)
    return made, ids
