"""The contests of ``peers.py``: one input, our call, the peer's call, and what both must agree on.

Imports stand inside the functions, since the two sides run in environments with different packages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

Call = tuple[Callable[[], Any], Callable[[Any], dict[str, float]]]
STEPS = ["view", "cart", "checkout", "pay"]
SERIES, TIMED, DAYS, AHEAD = 4_000, 40, 365, 28


@dataclass(frozen=True)
class Contest:
    """One input and two ways to the same answer."""

    name: str
    title: str
    peer: str
    target: float  # times faster
    make: Callable[[Path], None]
    ours: Callable[[Path], Call]
    theirs: Callable[[Path], Call]
    agree: Callable[[dict[str, float], dict[str, float]], str]
    factor: float = 1  # of the peer's time, where it does only a part of the work
    note: str = ""


def within(share: float) -> Callable[[dict[str, float], dict[str, float]], str]:
    """Say whether all numbers of both sides agree to a share of their size."""

    def agree(ours: dict[str, float], theirs: dict[str, float]) -> str:
        apart = {key: abs(ours[key] - theirs[key]) / max(abs(theirs[key]), 1e-12) for key in theirs}
        key = max(apart, key=lambda k: apart[k])
        if apart[key] <= share:
            return f"yes, to {share:.0e}" if share else "yes, exactly"
        return f"**no**: {key} {ours[key]:.6g} against {theirs[key]:.6g}"

    return agree


# --- the click log -----------------------------------------------------------------------------------------


def click_log(rows: int, *, in_order: bool) -> pd.DataFrame:
    """Make a log of about eight events a visitor over a month."""
    rng = np.random.default_rng(0)
    start = pd.Timestamp("2026-01-01").value // 1000
    names = np.array([*STEPS, "search", "favourite"])
    log = pd.DataFrame(
        {
            "visitor_id": rng.integers(0, max(rows // 8, 1), rows),
            "ts": pd.to_datetime(start + rng.integers(0, 30 * 86_400 * 10**6, rows), unit="us"),
            "event": pd.Series(names[rng.choice(6, rows, p=[0.5, 0.12, 0.08, 0.05, 0.15, 0.1])], dtype="str"),
        }
    )
    return log.sort_values(["visitor_id", "ts"], ignore_index=True) if in_order else log


def make_log(folder: Path) -> None:
    """Write a log of a million events, as it comes."""
    click_log(1_000_000, in_order=False).to_parquet(folder / "log.parquet")


def make_sorted_log(folder: Path) -> None:
    """Write a log of a million events, by visitor and time."""
    click_log(1_000_000, in_order=True).to_parquet(folder / "log.parquet")


def stream(log: Any) -> Any:
    """Build retentioneering's event stream."""
    from retentioneering import Eventstream

    return Eventstream(log, {"path_cols": ["visitor_id"], "event_col": "event", "timestamp_col": "ts"})


def our_funnel(folder: Path) -> Call:
    """Count the visitors who reach each step, in order."""
    from ecomtrain.analysis import funnel

    log = pd.read_parquet(folder / "log.parquet")
    return lambda: funnel.conversion(log, STEPS), lambda t: dict(zip(t["step"], t["reached"], strict=True))


def their_funnel(folder: Path) -> Call:
    """Build the stream, then count."""
    log = pd.read_parquet(folder / "log.parquet")
    return (
        lambda: stream(log).funnel_data(STEPS),
        lambda found: {step["step"]: step["unique_paths"] for step in found["steps"]},
    )


def our_sessions(folder: Path) -> Call:
    """Give each event the number of its session."""
    from ecomtrain.analysis import paths

    log = pd.read_parquet(folder / "log.parquet")
    return lambda: paths.sessionise(log), lambda numbers: {"sessions": int(numbers.nunique())}


def their_sessions(folder: Path) -> Call:
    """Build the stream, then split it."""
    log = pd.read_parquet(folder / "log.parquet")
    return lambda: stream(log).split_sessions(timeout="30m"), count_sessions


def their_split(folder: Path) -> Call:
    """Split a stream that is there already."""
    built = stream(pd.read_parquet(folder / "log.parquet"))
    return lambda: built.split_sessions(timeout="30m"), count_sessions


def count_sessions(split: Any) -> dict[str, float]:
    """Count the sessions of a stream."""
    return {"sessions": int(split.to_dataframe()["session_id"].nunique())}


# --- orders ------------------------------------------------------------------------------------------------


def order_log(rows: int) -> pd.DataFrame:
    """Make orders over two years, about seven a customer."""
    rng = np.random.default_rng(0)
    days = pd.Timestamp("2024-07-01") + pd.to_timedelta(rng.integers(0, 730 * 1440, rows), unit="min")
    return pd.DataFrame(
        {
            "order_id": np.arange(rows),
            "customer_id": rng.integers(0, max(rows // 7, 1), rows),
            "paid_at": days,
            "paid_amount": (rng.gamma(2, 60, rows) * 100).round() / 100,
        }
    )


def make_orders(folder: Path) -> None:
    """Write a million orders."""
    order_log(1_000_000).to_parquet(folder / "orders.parquet")


def our_summary(folder: Path) -> Call:
    """Sum up the customers."""
    from ecomtrain.analysis import clv

    orders = pd.read_parquet(folder / "orders.parquet")
    return (
        lambda: clv.summary(orders, end="2026-07-01", unit="D"),
        lambda t: told_summary(t["frequency"], t["recency"], t["T"], t["monetary_value"]),
    )


def their_summary(folder: Path) -> Call:
    """Sum up the customers."""
    from lifetimes.utils import summary_data_from_transaction_data

    orders = pd.read_parquet(folder / "orders.parquet")

    def call() -> Any:
        return summary_data_from_transaction_data(
            orders, "customer_id", "paid_at", "paid_amount", observation_period_end="2026-06-30", freq="D"
        )

    return call, lambda t: told_summary(t["frequency"], t["recency"], t["T"], t["monetary_value"])


def told_summary(frequency: Any, recency: Any, age: Any, value: Any) -> dict[str, float]:
    """Add up what was found for each customer."""
    return {
        "customers": len(frequency),
        "frequency": float(frequency.sum()),
        "recency": float(recency.sum()),
        "T": float(age.sum()),
        "value": float(value.where(frequency > 0).sum()),
    }


def make_customers(folder: Path) -> None:
    """Write 150,000 customers who buy and leave as BG/NBD says, seen for up to 78 weeks."""
    rng = np.random.default_rng(0)
    count, r, alpha, a, b = 150_000, 0.8, 6.0, 0.8, 2.5
    age = rng.uniform(10, 78, count).round()
    rate, leaving = rng.gamma(r, 1 / alpha, count), rng.beta(a, b, count)
    frequency, recency = np.zeros(count, dtype=int), np.zeros(count)
    alive, now = np.ones(count, dtype=bool), np.zeros(count)
    while alive.any():
        now = now + rng.exponential(1, count) / rate
        alive &= now < age
        frequency[alive] += 1
        recency[alive] = np.minimum(np.ceil(now[alive]), age[alive])
        alive &= rng.random(count) > leaving
    table = pd.DataFrame({"customer_id": np.arange(count), "frequency": frequency})
    table.assign(recency=recency, T=age).to_parquet(folder / "customers.parquet")


def our_bg_nbd(folder: Path) -> Call:
    """Fit BG/NBD by maximum likelihood."""
    from ecomtrain.analysis import clv

    table = pd.read_parquet(folder / "customers.parquet")
    return lambda: clv.bg_nbd(table), lambda fit: {"log-likelihood": fit.log_likelihood}


def their_bg_nbd(folder: Path) -> Call:
    """Fit BG/NBD by maximum likelihood."""
    from lifetimes import BetaGeoFitter

    t = pd.read_parquet(folder / "customers.parquet")
    return (
        lambda: BetaGeoFitter().fit(t["frequency"], t["recency"], t["T"]),
        # Theirs is the mean over customers whose time was multiplied by a scale first.
        lambda fit: {
            "log-likelihood": -fit._negative_log_likelihood_ * len(t)
            + t["frequency"].sum() * np.log(fit._scale)
        },
    )


def no_worse(ours: dict[str, float], theirs: dict[str, float]) -> str:
    """Our likelihood is at least theirs, to a hundredth of a unit."""
    one, other = ours["log-likelihood"], theirs["log-likelihood"]
    return (
        f"yes: log-likelihood {one:,.2f} and {other:,.2f}"
        if one >= other - 0.01
        else f"**no**: {one}, {other}"
    )


# --- baskets -----------------------------------------------------------------------------------------------


def basket_lines(rows: int, items: int = 2_000) -> pd.DataFrame:
    """Make order lines of about four products an order, some products far more popular than others."""
    rng = np.random.default_rng(0)
    popularity = 1 / np.arange(1, items + 1) ** 0.7
    lines = pd.DataFrame(
        {
            "order_id": rng.integers(0, max(rows // 4, 1), rows),
            "product_id": rng.choice(items, rows, p=popularity / popularity.sum()),
        }
    )
    return lines


def make_lines(folder: Path) -> None:
    """Write a million order lines."""
    basket_lines(1_000_000).to_parquet(folder / "lines.parquet")


FEWEST = 100  # baskets that hold both products


def our_rules(folder: Path) -> Call:
    """Find the pairs of products in at least FEWEST baskets, with every measure and a test."""
    from ecomtrain.analysis import basket

    lines = pd.read_parquet(folder / "lines.parquet")
    return (
        lambda: basket.rules(lines, min_count=FEWEST, q=1.0),
        lambda t: {
            "rules": len(t),
            "lift": float(t["lift"].sum()),
            "confidence": float(t["confidence"].sum()),
        },
    )


def their_rules(folder: Path) -> Call:
    """Encode as a sparse frame, find the frequent pairs, derive the rules."""
    from mlxtend.frequent_patterns import association_rules, fpgrowth
    from scipy import sparse

    lines = pd.read_parquet(folder / "lines.parquet")

    def call() -> Any:
        rows, orders = pd.factorize(lines["order_id"])
        columns, products = pd.factorize(lines["product_id"])
        held = sparse.csr_matrix(
            (np.ones(len(rows), dtype=bool), (rows, columns)), shape=(len(orders), len(products))
        )
        frame = pd.DataFrame.sparse.from_spmatrix(held, columns=products.astype(str))
        sets = fpgrowth(frame, min_support=(FEWEST - 0.5) / len(orders), max_len=2, use_colnames=True)
        return association_rules(sets, metric="support", min_threshold=0)

    return call, lambda t: {
        "rules": len(t), "lift": float(t["lift"].sum()), "confidence": float(t["confidence"].sum())
    }  # fmt: skip


# --- journeys ----------------------------------------------------------------------------------------------


def journey_log(journeys: int) -> pd.DataFrame:
    """Make journeys of one to nine touches over eight channels; three in ten end with a purchase."""
    rng = np.random.default_rng(0)
    length = rng.integers(1, 10, journeys)
    journey = np.repeat(np.arange(journeys), length)
    channels = np.array(["search", "live", "feed", "video", "social", "direct", "email", "store"])
    popularity = [0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.06, 0.04]
    return pd.DataFrame(
        {
            "journey_id": journey,
            "ts": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(len(journey)), unit="s"),
            "channel": pd.Series(channels[rng.choice(8, len(journey), p=popularity)], dtype="str"),
            "converted": np.repeat(rng.random(journeys) < 0.3, length),
        }
    )


def make_journeys(folder: Path) -> None:
    """Write 100,000 journeys: as touches, and as the paths that ChannelAttribution takes."""
    touches = journey_log(100_000)
    touches.to_parquet(folder / "touches.parquet")
    paths = touches.groupby("journey_id").agg(
        path=("channel", " > ".join), conversions=("converted", "first")
    )
    paths["conversions"] = paths["conversions"].astype(int)
    paths.assign(null=1 - paths["conversions"]).to_parquet(folder / "paths.parquet")


def our_markov(folder: Path) -> Call:
    """Credit the channels by removal effects, solved exactly."""
    from ecomtrain.analysis import attribution

    touches = pd.read_parquet(folder / "touches.parquet")
    return (
        lambda: attribution.attribute(touches, model="markov"),
        lambda t: {str(name): float(value) for name, value in t["conversions"].items()},
    )


def their_markov(folder: Path) -> Call:
    """Credit the channels by removal effects, simulated.

    As it comes it drops simulated journeys longer than the longest one seen and stops when 5 % off.
    """
    from ChannelAttribution import markov_model

    paths = pd.read_parquet(folder / "paths.parquet")
    return (
        lambda: markov_model(
            paths,
            "path",
            "conversions",
            var_null="null",
            max_step=1_000,
            nsim_start=1e6,
            conv_par=0.01,
            verbose=False,
            flg_pro=False,
        ),
        lambda t: dict(zip(t["channel_name"], t["total_conversions"].astype(float), strict=True)),
    )


# --- many series -------------------------------------------------------------------------------------------


def daily_panel(series: int, days: int = DAYS + AHEAD) -> pd.DataFrame:
    """Make daily sales with a week's pattern, a slow drift and noise."""
    rng = np.random.default_rng(0)
    day = np.arange(days)
    level = rng.gamma(3, 12, series)[:, None] * (1 + rng.normal(0, 0.4, series)[:, None] * day / days)
    week = 1 + 0.35 * rng.normal(0, 1, (series, 7))[:, day % 7]
    sales = rng.poisson(np.clip(level * week, 0.2, None)).astype(float)
    dates = pd.date_range("2025-01-01", periods=days)
    return pd.DataFrame(sales.T, index=dates, columns=[f"p{i:04d}" for i in range(series)])


def make_panel(folder: Path) -> None:
    """Write four thousand series of a year and four weeks."""
    daily_panel(SERIES).to_parquet(folder / "panel.parquet")


def told_error(frame: Any, forecast: Any) -> dict[str, float]:
    """Work out the mean MASE of the series that both sides forecast."""
    past, future = frame.iloc[:-AHEAD, :TIMED].to_numpy(), frame.iloc[-AHEAD:, :TIMED].to_numpy()
    scale = np.abs(past[7:] - past[:-7]).mean(axis=0)
    return {"mase": float((np.abs(np.asarray(forecast)[:, :TIMED] - future).mean(axis=0) / scale).mean())}


def our_holt_winters(folder: Path) -> Call:
    """Fit all series and forecast four weeks."""
    from ecomtrain.analysis import forecast

    frame = pd.read_parquet(folder / "panel.parquet")
    past = frame.iloc[:-AHEAD].rename_axis("date").reset_index()
    past = past.melt("date", var_name="product_id", value_name="sold")

    def told(found: Any) -> dict[str, float]:
        table = getattr(found, "table", found)
        return told_error(frame, table.pivot_table(index="date", columns="product_id", values="forecast"))

    return lambda: forecast.holt_winters(past, horizon=AHEAD, value="sold"), told


def their_holt_winters(folder: Path) -> Call:
    """Fit a few of the series, one by one, and forecast four weeks."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    frame = pd.read_parquet(folder / "panel.parquet")
    past = frame.iloc[:-AHEAD, :TIMED]

    def call() -> Any:
        made = [
            ExponentialSmoothing(
                past[name].to_numpy(), trend="add", damped_trend=True, seasonal="add", seasonal_periods=7
            )
            .fit()
            .forecast(AHEAD)
            for name in past
        ]
        return np.array(made).T

    return call, lambda found: told_error(frame, found)


def mase_no_worse(ours: dict[str, float], theirs: dict[str, float]) -> str:
    """Our error is no larger than theirs, to half a per cent."""
    one, other = ours["mase"], theirs["mase"]
    return f"{'yes' if one <= 1.005 * other else '**no**'}: MASE {one:.4f} and {other:.4f}"


_ALL = [
    Contest(
        "summary", "Recency, frequency, value of 1 M orders", "lifetimes", 2,
        make_orders, our_summary, their_summary, within(1e-9),
    ),
    Contest(
        "rules", "Pair rules of 1 M order lines", "mlxtend fpgrowth", 20, make_lines, our_rules, their_rules,
        within(1e-9), note="ours adds an exact test of each pair; theirs includes encoding a sparse frame.",
    ),
    Contest(
        "funnel", "Ordered funnel of 1 M events", "retentioneering", 1, make_log, our_funnel, their_funnel,
        within(0), note="theirs includes building the event stream.",
    ),
    Contest(
        "sessions", "Sessions of 1 M events as they come", "retentioneering", 10, make_log, our_sessions,
        their_sessions, within(0), note="theirs includes building the event stream, which sorts.",
    ),
    Contest(
        "sorted_sessions", "Sessions of 1 M events in order", "retentioneering", 10, make_sorted_log,
        our_sessions, their_split, within(0), note="theirs splits a stream that is built already.",
    ),
    Contest(
        "markov", "Markov attribution of 100 k journeys", "ChannelAttribution", 5, make_journeys, our_markov,
        their_markov, within(0.03),
        note="ours starts from half a million touches and is exact; theirs starts from paths put together "
        "already and simulates, with settings that bring it within 3 % of the exact answer.",
    ),
    Contest(
        "bg_nbd", "BG/NBD of 150 k customers", "lifetimes", 2, make_customers, our_bg_nbd, their_bg_nbd,
        no_worse,
    ),
    Contest(
        "holt_winters", "4,000 Holt-Winters fits of 365 days", "statsmodels", 500, make_panel,
        our_holt_winters, their_holt_winters, mase_no_worse, factor=SERIES / TIMED,
        note=f"theirs fits {TIMED} of the {SERIES:,} series and its time is taken {SERIES // TIMED} times; "
        f"MASE is of those {TIMED}, {AHEAD} days ahead.",
    ),
]  # fmt: skip
CONTESTS = {contest.name: contest for contest in _ALL}
