"""How orders, their lines and what comes back are written down, whoever placed them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.shop.calendar import DAY, LAST_SECOND, N_DAYS, stamp
from ecomtrain.shop.catalogue import Catalogue
from ecomtrain.shop.draw import cents, identifiers, repeat, text
from ecomtrain.shop.profiles import CHANNELS, Profile

__all__ = ["NEVER", "Lines", "Placed", "records"]

NEVER = -(2**40)  # the second at which an unpaid order is paid


@dataclass(frozen=True)
class Placed:
    """Orders as arrays, in order of time; times in seconds, `paid` is `NEVER` where it was not."""

    customer: np.ndarray  # ids
    session: Any  # ids, missing before the click log
    channel: np.ndarray
    ordered: np.ndarray
    paid: np.ndarray


@dataclass(frozen=True)
class Lines:
    """Order lines as arrays; money in fen."""

    order: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    price: np.ndarray
    cost: np.ndarray
    amount: np.ndarray
    rule: np.ndarray


def records(
    profile: Profile,
    goods: Catalogue,
    placed: Placed,
    lines: Lines,
    tried: np.ndarray,
    rate_of_return: np.ndarray,
    rng: np.random.Generator,
    after: dict[str, pd.DataFrame] | None = None,
) -> tuple[dict[str, pd.DataFrame], np.ndarray]:
    """Write orders, order_lines and returns; also count the paid units by day and product.

    `tried` and `rate_of_return` are by line. The ids follow those of the tables in `after`.
    """
    known = {name: len(frame) for name, frame in (after or {}).items()}

    def ids_of(table: str, count: int) -> np.ndarray:
        first = known.get(table, 0)
        return identifiers(profile, first + count)[first:]

    n, m = len(placed.ordered), len(lines.order)
    goods_total = np.bincount(lines.order, lines.amount, n).astype("int64")
    shipping = np.where(goods_total < cents(profile.free_from), cents(profile.shipping), 0)
    is_paid, amount = placed.paid != NEVER, goods_total + shipping
    ids, line_ids = ids_of("orders", n), ids_of("order_lines", m)
    orders = pd.DataFrame(
        {
            "order_id": ids,
            "shop": repeat(profile.shop, n),
            "customer_id": placed.customer,
            "session_id": placed.session,
            "channel": text(placed.channel, CHANNELS),
            "ordered_at": stamp(placed.ordered),
            "paid_at": stamp(placed.paid).where(is_paid),
            "status": text(np.where(is_paid, 0, rng.integers(1, 3, n)), ["paid", "unpaid", "cancelled"]),
            "amount": amount / 100,
            "shipping": shipping / 100,
            "paid_amount": np.where(is_paid, amount, 0) / 100,
        }
    )
    table = pd.DataFrame(
        {
            "line_id": line_ids,
            "order_id": ids[lines.order],
            "shop": repeat(profile.shop, m),
            "product_id": text(lines.product, goods.names),
            "quantity": lines.quantity,
            "unit_price": lines.price / 100,
            "amount": lines.amount / 100,
            "unit_cost": lines.cost / 100,
            "price_rule": text(lines.rule, ["list", "dynamic"]),
            "tried_on": tried,
        }
    )
    back, units, at = send_back(lines, placed.paid, rate_of_return, rng)
    returns = pd.DataFrame(
        {
            "return_id": ids_of("returns", len(back)),
            "order_id": ids[lines.order[back]],
            "line_id": line_ids[back],
            "shop": repeat(profile.shop, len(back)),
            "product_id": text(lines.product[back], goods.names),
            "quantity": units,
            "refunded_amount": units * lines.price[back] / 100,
            "returned_at": stamp(at),
        }
    )
    taken = is_paid[lines.order]
    sold = np.zeros((N_DAYS, len(goods.names)), "int64")
    np.add.at(sold, (placed.paid[lines.order[taken]] // DAY, lines.product[taken]), lines.quantity[taken])
    return {"orders": orders, "order_lines": table, "returns": returns}, sold


def send_back(
    lines: Lines, paid: np.ndarray, rate: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Choose the lines that come back, how many units and when; what comes after the end is not known yet."""
    n = len(lines.order)
    at = paid[lines.order] + DAY + (rng.gamma(2.0, 4.0, n) * DAY).astype("int64")
    drawn = rng.random(n) < rate
    units = np.minimum(rng.geometric(0.7, n), lines.quantity)
    units = np.where(rng.random(n) < 0.8, lines.quantity, units)
    back = np.flatnonzero(drawn & (paid[lines.order] != NEVER) & (at <= LAST_SECOND))
    back = back[np.argsort(at[back], kind="stable")]
    return back, units[back], at[back]
