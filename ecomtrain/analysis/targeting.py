"""Whom to speak to (精准营销): who will buy, who will stay away, whom a message moves, and what to offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import SHOP_TZ, moment, plain, require_ids, require_one
from ecomtrain.analysis._model_report import ModelReport, judged
from ecomtrain.analysis._offers import campaign_return, next_best_offer, offer_hit_rate
from ecomtrain.analysis._order import in_order, seconds
from ecomtrain.analysis._uplift import UpliftReport, uplift
from ecomtrain.errors import CourseError, require, require_numeric, require_times

__all__ = [
    "ModelReport",
    "UpliftReport",
    "campaign_return",
    "churn_features",
    "churn_model",
    "intent_features",
    "intent_model",
    "next_best_offer",
    "offer_hit_rate",
    "uplift",
]

INTERACTIONS = {"likes": "like", "comments": "comment", "shares": "share", "favourites": "favourite"}


def intent_features(
    events: Any, *, by: str = "session_id", time: str = "ts", until: str = "checkout", bought: str = "pay"
) -> pd.DataFrame:
    """Count what each session did before its checkout, and whether it paid.

    Parameters
    ----------
    events : DataFrame
        The click log, in any row order: `by`, `time`, ``event``. Rows without session or time are left out.
    by, time : str
        Columns: the session and the moment (datetime).
    until : str, default "checkout"
        The event that ends the counting; a session without it is counted whole.
    bought : str, default "pay"
        The event that makes a session a buyer.

    Returns
    -------
    DataFrame
        One row per session, sorted by it: `by`, ``started_at``, ``pages`` (views), ``likes``, ``comments``,
        ``shares``, ``favourites``, ``interactions`` (their sum; all counts before `until`), ``bought``
        (bool).

    Raises
    ------
    CourseError
        If a column is missing or `time` holds no times.

    Notes
    -----
    What comes after the checkout is a consequence of the decision to buy: to count it would be to foretell
    the purchase from the purchase. ``pages`` still holds the way to the cart, which every buyer has walked:
    it flatters a model, and `intent_model` leaves it out unless told otherwise.

    Examples
    --------
    >>> events = pd.DataFrame({"session_id": [1, 1, 1, 1], "event": ["view", "like", "checkout", "pay"],
    ...     "ts": pd.date_range("2026-06-01", periods=4, freq="min")})
    >>> intent_features(events)[["session_id", "pages", "likes", "interactions", "bought"]]
       session_id  pages  likes  interactions  bought
    0           1      1      1             1    True
    >>> intent_features(events.drop(columns="event"))
    Traceback (most recent call last):
        ...
    CourseError: intent_features: column 'event' is not in the frame; it has session_id, ts.
    """
    require(events, [by, time, "event"], "intent_features")
    rows, unit, _, _ = in_order(events, by, time, "intent_features", sort_keys=True)
    names = events["event"].astype(object).to_numpy()[rows]
    stopped = np.cumsum(names == until)
    first = np.flatnonzero(np.diff(unit, prepend=-1))
    session = np.cumsum(np.diff(unit, prepend=-1) > 0) - 1
    # Stops counted before the session began are those of other sessions.
    before = stopped - (stopped[first] - (names[first] == until))[session] == 0

    def count(event: str, among: np.ndarray | slice = before) -> np.ndarray:
        return np.bincount(session[(names == event) & among], minlength=len(first))

    table = events.iloc[rows[first]][[by, time]].rename(columns={time: "started_at"}).reset_index(drop=True)
    table["pages"] = count("view")
    for column, event in INTERACTIONS.items():
        table[column] = count(event)
    table["interactions"] = table[list(INTERACTIONS)].sum(axis=1).astype("int64")
    table["bought"] = count(bought, np.ones(len(names), dtype=bool)) > 0
    return table


def intent_model(
    features: Any,
    target: str = "bought",
    *,
    columns: Sequence[str] = tuple(INTERACTIONS),
    time: str | None = None,
    rule: str | None = None,
    test_share: float = 0.3,
    seed: int = 0,
    level: float = 0.95,
) -> ModelReport:
    """Foretell purchases by logistic regression and report what the accuracy is worth (购买意向预测).

    Parameters
    ----------
    features : DataFrame
        One row per session: `target`, `columns` and, if given, `time`; without missing values in these.
    target : str, default "bought"
        Column of booleans (or 0 and 1).
    columns : sequence of str
        Numeric columns to foretell from; the four counts of interactions unless told otherwise.
    time : str, optional
        Column of times. With it the model learns from the earlier rows and is judged on the last `test_share`
        of them, as in use. Without it every row is judged by a model that learned from the other four fifths.
    rule : str, optional
        A rule of thumb to judge on the same rows, such as ``"interactions >= 2"``.
    test_share : float, default 0.3
        Share of the rows, the latest ones, to judge on; only with `time`.
    seed : int, default 0
        Deals the rows out to the five fifths; only without `time`.
    level : float, default 0.95
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    ModelReport
        ``.table``, ``.calibration``, ``.lift``, ``.coefficients``.

    Raises
    ------
    CourseError
        If a column is missing, not numeric or has missing values, `target` is not yes or no, too few rows
        bought or did not buy, or `rule` is no condition on the columns.

    Notes
    -----
    Accuracy alone says little: where 16 % buy, "nobody buys" is right 84 % of the time. AUC is the chance
    that a buyer is ranked above a non-buyer, the Brier score the mean squared error of the probability (lower
    is better). Intervals: Wilson for shares, DeLong for AUC [1]_, logit for average precision [2]_, normal
    for Brier.

    References
    ----------
    .. [1] E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson (1988), Biometrics 44(3), 837-845.
    .. [2] K. Boyd, K. H. Eng, C. D. Page (2013), ECML PKDD, LNCS 8190, 451-466.

    Examples
    --------
    >>> features = pd.DataFrame({"likes": [0, 1, 0, 3] * 10, "bought": [False, False, False, True] * 10})
    >>> report = intent_model(features, columns=["likes"], rule="likes >= 1")
    >>> report.table.set_index("metric")["value"].head(3).to_dict()
    {'base_rate': 0.25, 'accuracy_always_no': 0.75, 'accuracy_rule': 0.75}
    >>> intent_model(features, columns=["like"])
    Traceback (most recent call last):
        ...
    CourseError: intent_model: column 'like' is not in the frame; it has likes, bought. Did you mean 'likes'?
    """
    return judged(
        features, target, columns, time=time, rule=rule, test_share=test_share, seed=seed, level=level,
        where="intent_model",
    )[0]  # fmt: skip


def churn_features(
    orders: Any,
    *,
    asof: Any,
    horizon: str = "90D",
    lookback: str = "365D",
    customer: str = "customer_id",
    order: str = "order_id",
    time: str = "ordered_at",
    amount: str = "paid_amount",
) -> pd.DataFrame:
    """Describe customers as they stood on a day, and whether they stayed away afterwards (流失特征).

    Parameters
    ----------
    orders : DataFrame
        Orders of all times, with the columns named below; repeated rows of one order count once. Orders
        without customer or time are left out.
    asof : date or list of dates
        The day, or several, on which customers are looked at; each gives rows of its own.
    horizon : str, default "90D"
        How long a customer must stay away to count as gone.
    lookback : str, default "365D"
        Only customers who ordered within this time before `asof` are looked at.
    customer, order, time, amount : str
        The columns.

    Returns
    -------
    DataFrame
        One row per day and customer, sorted by both: ``asof``, ``known_at`` (`asof` + `horizon`),
        `customer`, ``orders``, ``amount`` (within `lookback`), ``recent_orders`` (within the `horizon` before
        `asof`; counts), ``recency`` (days since the last order), ``tenure`` (days since the first of all),
        ``churned`` (bool: no order in ``[asof, known_at)``).

    Raises
    ------
    CourseError
        If a column is missing or of the wrong kind, a time span or date is none, or the orders end before
        ``known_at``: what did not happen yet is not known.

    Notes
    -----
    Everything that describes lies before `asof`, the label after it. Customers of a shop without contracts
    never say that they leave: "gone" is a rule, and another horizon gives another rate.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": [1, 1, 2, 3], "order_id": [1, 2, 3, 4], "paid_amount": 50.0,
    ...     "ordered_at": pd.to_datetime(["2026-01-05", "2026-04-20", "2026-03-01", "2026-07-01"])})
    >>> churn_features(orders, asof="2026-04-01")[["customer_id", "orders", "recency", "churned"]]
       customer_id  orders  recency  churned
    0            1       1     86.0    False
    1            2       1     31.0     True
    >>> churn_features(orders, asof="2026-06-01")
    Traceback (most recent call last):
        ...
    CourseError: targeting.churn_features: the orders end on 2026-07-01, before ...
    """
    where = "targeting.churn_features"
    require(orders, [customer, order, time, amount], where)
    require_ids(orders, [customer, order], where)
    require_one(orders, "currency", where)
    require_numeric(orders, [amount], where)
    require_times(orders[time], where)
    ahead, back = (
        pd.Timedelta(seconds=seconds(span, name, where))
        for span, name in ((horizon, "horizon"), (lookback, "lookback"))
    )
    frame = plain(orders[[customer, order, time, amount]]).dropna(subset=[customer, time])
    if frame.empty:
        raise CourseError(f"{where}: no order has a customer and a time. Give some that do.")
    # Of rows that repeat an order the one with the largest amount stays, whatever their order.
    frame = frame.sort_values([time, amount]).drop_duplicates([customer, order], keep="last")
    dates = sorted({moment(day, True, where) for day in np.atleast_1d(np.asarray(asof, dtype=object))})
    clock = frame[time] if frame[time].dt.tz is not None else frame[time].dt.tz_localize(SHOP_TZ)
    frame = frame.assign(when=clock.dt.tz_convert(SHOP_TZ))
    last = frame["when"].max()
    parts = []
    for day in dates:
        if not last.normalize() + pd.Timedelta(days=1) >= day + ahead:
            raise CourseError(
                f"{where}: the orders end on {last:%Y-%m-%d}, before {day + ahead:%Y-%m-%d}, so who stays "
                f"away from {day:%Y-%m-%d} on is not known yet. Give an earlier asof or a shorter horizon."
            )
        parts.append(_standing(frame, day, ahead, back, customer, amount))
    return pd.concat(parts, ignore_index=True)


def _standing(
    frame: pd.DataFrame,
    day: pd.Timestamp,
    ahead: pd.Timedelta,
    back: pd.Timedelta,
    customer: str,
    amount: str,
) -> pd.DataFrame:
    """Describe the customers of one day."""
    when = frame["when"]
    seen = frame[(when < day) & (when >= day - back)]
    group = seen.groupby(customer)
    table = pd.DataFrame({"orders": group.size(), "amount": group[amount].sum()})
    table["recent_orders"] = (seen["when"] >= day - ahead).groupby(seen[customer]).sum().astype("int64")
    first = frame[when < day].groupby(customer)["when"].min().reindex(table.index)
    table["recency"] = (day - group["when"].max()) / pd.Timedelta(days=1)
    table["tenure"] = (day - first) / pd.Timedelta(days=1)
    back_again = frame.loc[(when >= day) & (when < day + ahead), customer]
    table["churned"] = ~table.index.isin(back_again)
    table = table.rename_axis(customer).reset_index()
    return pd.concat([pd.DataFrame({"asof": day, "known_at": day + ahead}, table.index), table], axis=1)


def churn_model(
    features: Any,
    target: str = "churned",
    *,
    columns: Sequence[str] = ("orders", "amount", "recent_orders", "recency", "tenure"),
    time: str | None = "asof",
    known: str | None = "known_at",
    rule: str | None = None,
    test_share: float = 0.3,
    seed: int = 0,
    level: float = 0.95,
) -> ModelReport:
    """Foretell who stays away, by logistic regression, and report what that is worth (流失预测).

    Parameters
    ----------
    features : DataFrame
        One row per customer and day, as `churn_features` returns for several days; without missing values in
        the columns used.
    target : str, default "churned"
        Column of booleans (or 0 and 1).
    columns : sequence of str
        Numeric columns to foretell from.
    time, known : str, optional
        Columns: the day of the forecast, and the day on which its outcome is known. The model is judged on
        the last days and learns only from rows known by then. ``time=None, known=None`` deals the rows out
        to five parts instead.
    rule : str, optional
        A rule of thumb to judge on the same rows, such as ``"recency > 60"``.
    test_share, seed, level : float, int, float
        As for `intent_model`.

    Returns
    -------
    ModelReport
        ``.table``, ``.calibration``, ``.lift``, ``.coefficients``.

    Raises
    ------
    CourseError
        As `intent_model`, and if no outcome was known before the last days.

    Notes
    -----
    As for `intent_model`. That someone will stay away does not say that a coupon brings them back: whom to
    write to is a question for `uplift`, which needs a random part that is not written to.

    Examples
    --------
    >>> days = pd.to_datetime(["2026-01-01", "2026-04-01", "2026-07-01"]).repeat(8)
    >>> features = pd.DataFrame({"asof": days, "known_at": days + pd.Timedelta("90D"),
    ...                          "recency": [5, 9, 40, 80] * 6, "churned": [False, False, False, True] * 6})
    >>> report = churn_model(features, columns=["recency"])
    >>> report.table.set_index("metric")["value"].head(2).to_dict()
    {'base_rate': 0.25, 'accuracy_always_no': 0.75}
    >>> churn_model(features, columns="recency")
    Traceback (most recent call last):
        ...
    CourseError: targeting.churn_model: columns is 'recency'; give a list of numeric columns to foretell from.
    """
    return judged(
        features, target, columns, time=time, known=known, rule=rule, test_share=test_share, seed=seed,
        level=level, where="targeting.churn_model",
    )[0]  # fmt: skip
