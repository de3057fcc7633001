"""The edge cases of the course over every public function of the analyses, from one table.

A function that is not in CASES fails `test_every_public_function_is_in_the_table`. What must hold for each:
odd input gives an answer without infinities or one clear sentence, never a stray exception; what does not
change the meaning (row order, index, category or object columns, another clock, longer ids) does not change
the answer; and nothing that was passed in is changed.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from edges import Case
from pandas.testing import assert_frame_equal

from ecomtrain import analysis
from ecomtrain.analysis import (
    channels,
    customers,
    experiment,
    forecast,
    funnel,
    intervals,
    inventory,
    metrics,
    paths,
    privacy,
    sales,
    targeting,
)
from ecomtrain.errors import CourseError

MAY, JUNE = ("2026-05-01", "2026-06-01"), ("2026-06-01", "2026-07-01")
END = "2026-07-01"
LONG = 10**18
KEY = "a secret of sixteen bytes"
EVENTS, SESSIONS, ORDERS = "events.ts", "sessions.started_at", "orders.paid_at"


def events_case(call: Callable[..., Any], by: str = "session_id", **options: Any) -> Case:
    return Case(("events",), call, times=(EVENTS,), ids=(f"events.{by}",), **options)


def rows(frame: pd.DataFrame, arrays: Any) -> pd.DataFrame:
    """Put arrays beside the rows that they were computed from."""
    return pd.DataFrame(dict(enumerate(arrays)), index=frame.index)


KPI = {
    "frames": ("sessions", "events", "orders", "order_lines", "returns", "products", "inventory_daily"),
    "times": (SESSIONS, EVENTS, ORDERS, "orders.ordered_at", "returns.returned_at", "inventory_daily.date"),
    "ids": ("sessions.session_id", "events.session_id", "orders.order_id", "orders.customer_id"),
    "refuses_negative": ("order_lines.quantity", "returns.quantity", "inventory_daily.sold"),
    "refuses_shops": ("orders", "events", "inventory_daily"),
    "refuses_currencies": ("orders", "order_lines", "returns", "products"),
}
STOCK = {
    "times": ("stock.date",),
    "refuses_negative": ("stock.sold", "stock.closing"),
    "refuses_currencies": ("goods",),
}

CASES: dict[str, Case] = {
    "channels.daily_sources": Case(
        ("sessions",), lambda sessions: channels.daily_sources(sessions, end=END),
        times=(SESSIONS,), ids=("sessions.visitor_id",), refuses_shops=("sessions",),
    ),
    "channels.visitor_sources": Case(
        ("sessions", "orders", "events"),
        lambda sessions, orders, events: channels.visitor_sources(sessions, orders, end=END, events=events),
        times=(SESSIONS, ORDERS), ids=("sessions.session_id", "orders.customer_id"),
        refuses_shops=("sessions",), refuses_currencies=("orders",),
    ),
    "customers.profile_precision": Case(("identities", "answers"), customers.profile_precision),
    "experiment.compare_means": Case(
        ("trial",),
        lambda trial: experiment.compare_means(
            trial, numerator="paid", denominator="orders", unit="visitor_id"
        ),
        refuses_currencies=("trial",),
    ),
    "experiment.compare_rates": Case(
        ("trial",), lambda trial: experiment.compare_rates(trial, success="bought")
    ),
    "experiment.sample_ratio": Case(("trial",), lambda trial: experiment.sample_ratio(trial["arm"])),
    "forecast.early_hits": Case(
        ("stock", "goods"),
        lambda stock, goods: forecast.early_hits(stock, goods, days=7, horizon=14, k=1),
        times=("stock.date", "goods.launched_on"),
    ),
    "funnel.conversion": events_case(
        lambda events: funnel.conversion(events, ["view", "cart", "pay"], window="7D", group="page"),
        "visitor_id",
    ),
    "funnel.time_to_convert": events_case(
        lambda events: funnel.time_to_convert(events, "view", "pay"), "visitor_id"
    ),
    "intervals.ratio": Case(("counts",), lambda counts: intervals.ratio(counts["k"], counts["n"])),
    "intervals.relative_change": Case(
        ("counts",),
        lambda counts: rows(counts, intervals.relative_change(counts["k"], 0.5, counts["n"], 0.5)),
        aligned=True,
    ),
    "intervals.wilson": Case(
        ("counts",), lambda counts: rows(counts, intervals.wilson(counts["k"], counts["n"])),
        refuses_negative=("counts.k",), aligned=True,
    ),
    "inventory.stepped_turnover": Case(
        ("stock", "goods"),
        lambda stock, goods: inventory.stepped_turnover(
            stock, goods, {"W1": "2026-02-02", "W2": "2026-02-16"}
        ),
        **STOCK,
    ),
    "inventory.turnover": Case(
        ("stock", "goods"), lambda stock, goods: inventory.turnover(stock, goods, by="warehouse"), **STOCK
    ),
    "metrics.catalogue": Case((), metrics.catalogue),
    "metrics.kpi20": Case(
        call=lambda **tables: metrics.kpi20(tables, *JUNE, metrics=[*metrics.METRICS, *metrics.COMPANIONS]),
        **KPI,
    ),
    "metrics.value": Case(
        ("orders",), lambda orders: metrics.value({"orders": orders}, "T5", *JUNE),
        times=(ORDERS,), ids=("orders.customer_id",),
        refuses_shops=("orders",), refuses_currencies=("orders",),
    ),
    "paths.dwell": events_case(paths.dwell),
    "paths.dwell_conversion": Case(("views",), lambda views: paths.dwell_conversion(views, [1, 2])),
    "paths.dwell_summary": Case(("views",), paths.dwell_summary),
    "paths.element_clicks": events_case(lambda events: paths.element_clicks(events, "home")),
    "paths.reach": events_case(lambda events: paths.reach(events, "home", "detail")),
    "paths.sessionise": events_case(paths.sessionise, "visitor_id", aligned=True),
    "paths.survival_curve": Case(("views",), paths.survival_curve),
    "paths.top_paths": events_case(paths.top_paths),
    "paths.transitions": events_case(paths.transitions),
    "privacy.generalise": Case(
        ("people",), lambda people: privacy.generalise(people, {"birth_year": 10, "city": "drop"}),
        aligned=True,
    ),
    "privacy.k_anonymity": Case(
        ("people",), lambda people: privacy.k_anonymity(people, ["birth_year", "city"], threshold=2)
    ),
    "privacy.mask": Case(
        ("people",), lambda people: privacy.mask(people, {"mobile": "mobile", "name": "name"}), aligned=True
    ),
    "privacy.pseudonymise": Case(
        ("people",), lambda people: privacy.pseudonymise(people["mobile"], KEY), aligned=True
    ),
    "sales.bridge": Case(
        ("factors",),
        lambda factors: sales.bridge(
            dict(zip(factors["name"], factors["before"], strict=True)),
            dict(zip(factors["name"], factors["after"], strict=True)),
        ).sort_index(),
        refuses_negative=("factors.before",),
    ),
    "sales.day_of_week_index": Case(
        ("orders",), lambda orders: sales.day_of_week_index(orders, value="paid_amount"),
        times=(ORDERS,), refuses_currencies=("orders",),
    ),
    "sales.gmv_tree": Case(
        ("sessions", "orders", "order_lines"),
        lambda **tables: sales.gmv_tree(tables, before=MAY, after=JUNE, detail=True),
        times=(SESSIONS, ORDERS), ids=("sessions.session_id", "orders.order_id"),
        refuses_negative=("order_lines.quantity",), refuses_shops=("sessions", "orders"),
        refuses_currencies=("orders", "order_lines"),
    ),
    "sales.margin_bridge": Case(
        ("order_lines",),
        lambda order_lines: sales.margin_bridge(
            order_lines, order_lines.assign(amount=order_lines["amount"] * 1.1)
        ),
        refuses_negative=("order_lines.quantity",), refuses_currencies=("order_lines",),
    ),
    "sales.search_growth": Case(
        ("searches",), lambda searches: sales.search_growth(searches, month="2026-06"),
        times=("searches.date",), refuses_negative=("searches.searches",),
    ),
    "targeting.intent_features": events_case(targeting.intent_features),
    "targeting.intent_model": Case(
        ("features",),
        lambda features: targeting.intent_model(features, columns=["likes"], time="started_at"),
        times=("features.started_at",),
    ),
}  # fmt: skip
TOPICS = [import_module(path.stem) for path in sorted(Path(__file__).parent.glob("edges_*.py"))]
for topic in TOPICS:
    CASES |= topic.CASES


def more_frames():
    i = np.arange(60)
    day = pd.date_range("2026-01-05", periods=70)
    searched = pd.date_range("2025-05-01", "2026-06-30")
    stock = pd.DataFrame(
        [(d, p, 40, 5, 3 + (n + k) % 4 + 2 * (k == 0), 38 - n % 5)
         for k, p in enumerate(["a", "b", "c"]) for n, d in enumerate(day)],
        columns=["date", "product_id", "opening", "received", "sold", "closing"],
    )  # fmt: skip
    return {
        "answers": pd.DataFrame({"customer_id": [1, 2, 3], "survey_category": ["serum", "mask", None]}),
        "counts": pd.DataFrame({"k": [1, 2, 0], "n": [4, 5, 3]}),
        "factors": pd.DataFrame({"name": ["x", "y"], "before": [2.0, 3.0], "after": [4.0, 3.0]}),
        "features": pd.DataFrame(
            {"session_id": i, "likes": i % 4, "bought": i % 3 == 0,
             "started_at": pd.date_range("2026-06-01", periods=60, freq="h", tz="Asia/Shanghai")}
        ),
        "goods": pd.DataFrame(
            {"product_id": ["a", "b", "c"], "unit_cost": [3.0, 2.0, 1.0], "warehouse": ["W1", "W2", "W2"],
             "launched_on": pd.to_datetime(["2026-01-06", "2026-01-07", "2026-01-12"])}
        ),
        "identities": pd.DataFrame(
            {"channel": ["app", "live", "app", "app"], "category": ["serum", "mask", "mask", "serum"],
             "customer_id": pd.array([1, 1, 2, None], dtype="Int64"), "views": [5, 2, 3, 1]}
        ),
        "people": pd.DataFrame(
            {"name": ["王女士", "李先生", "王女士"],
             "mobile": ["15412345678", "15487654321", "15412345678"],
             "birth_year": [1991, 1998, 2003], "city": ["杭州", "宁波", "杭州"]}
        ),
        "searches": pd.concat(
            [pd.DataFrame({"date": searched, "term": t, "searches": n + np.arange(len(searched)) % 9})
             for t, n in {"dress": 50, "coat": 57}.items()], ignore_index=True
        ),
        "stock": stock,
        "trial": pd.DataFrame(
            {"visitor_id": i, "arm": np.where(i % 2, "treatment", "control"), "bought": i % 3 == 0,
             "paid": 10.0 + i % 7 + i % 2, "orders": 1 + i % 2}
        ),
        "views": pd.DataFrame(
            {"session_id": [1, 1, 2, 3, 4], "page": ["home", "list", "home", "home", "home"],
             "ts": pd.date_range("2026-06-01", periods=5, freq="min", tz="Asia/Shanghai"),
             "seconds": [4.0, 9.0, 30.0, 12.0, 0.0], "censored": [False, True, False, False, True]}
        ),
    }  # fmt: skip


@cache
def every_frame():
    """Make each frame once; `run` sees to it that none is changed."""
    made = more_frames()
    for topic in TOPICS:
        made |= topic.frames()
    return made


@pytest.fixture
def frames(untouched):
    """Every frame that a case names."""
    return untouched | every_frame()


def run(case, frames):
    """Call the function on copies, and see to it that they were left alone."""
    given = {name: frames[name] for name in case.frames}
    before = {name: frame.copy(deep=True) for name, frame in given.items()}
    try:
        # Frames are passed by name where the call takes names, by position otherwise.
        try:
            inspect.signature(case.call).bind(**given)
            return case.call(**given)
        except TypeError:
            return case.call(*given.values())
    finally:
        for name, frame in given.items():
            assert_frame_equal(frame, before[name])


def answers_or_says_why(case, frames):
    """The answer has no infinity and the refusal is a sentence; anything else fails the test."""
    try:
        result = run(case, frames)
    except CourseError as refusal:
        return a_sentence(str(refusal))
    for _, table in pieces(result):
        numbers = table.select_dtypes("number")
        assert not np.isinf(numbers.to_numpy(dtype=float, na_value=np.nan)).any()
    return result


def a_sentence(refusal):
    """A refusal names the function it comes from and says something."""
    assert re.match(r"[\w.]+( \(\w+\))?(, table '\w+')?: .{15,}", refusal), refusal


def pieces(result):
    """What an answer holds, as named tables."""
    if dataclasses.is_dataclass(result):
        fields = {f.name: getattr(result, f.name) for f in dataclasses.fields(result)}
        whole = {n: v for n, v in fields.items() if not isinstance(v, pd.DataFrame)}
        return [("fields", pd.DataFrame([whole])), *((n, v) for n, v in fields.items() if n not in whole)]
    if isinstance(result, pd.Series):
        return [("series", result.to_frame())]
    if isinstance(result, pd.DataFrame):
        return [("table", result)]
    return [("values", pd.DataFrame(np.atleast_2d(np.asarray(result, dtype=float))))]


def short(value):
    """The id that a long or a padded one stands for."""
    if isinstance(value, str):
        return int(value) if value.isdigit() else value
    return value - LONG if value > LONG / 2 else value


def alike(table):
    """A table with dtypes, clocks and long or padded ids made the same, so that only the answer counts."""
    table = table.reset_index() if table.index.name else table.reset_index(drop=True)
    for name in table.columns:
        column = table[name]
        if isinstance(column.dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(column):
            column = column.astype(object).where(column.notna(), None)
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            column = column.dt.tz_convert("UTC")
        elif getattr(column.dtype, "kind", "") == "M":
            column = column.dt.tz_localize("Asia/Shanghai").dt.tz_convert("UTC")
        if str(name).endswith("_id"):
            column = column.map(
                lambda v: int(v) if isinstance(v, str) and v.isdigit() else v, na_action="ignore"
            )
            column = column.map(lambda v: v - LONG if not isinstance(v, str) and v > LONG / 2 else v)
        table[name] = column
    return table.astype(dict.fromkeys(table.select_dtypes("str"), object))


ANSWERS: dict[Case, Any] = {}


def answer(case, frames):
    """The answer to the frames as they are made, worked out once; to any others each time."""
    made = every_frame()
    if any(frames[name] is not made.get(name) for name in case.frames):
        return run(case, frames)
    if case not in ANSWERS:
        ANSWERS[case] = run(case, frames)
    return ANSWERS[case]


def same(case, frames, changed):
    """The answer to changed frames is the answer to the frames themselves."""
    expected, found = answer(case, frames), run(case, changed)
    if case.aligned and all(frame.index.is_unique for frame in changed.values()):
        found = found.sort_index() if hasattr(found, "sort_index") else found
    for (name, one), (other, two) in zip(pieces(expected), pieces(found), strict=True):
        assert name == other
        assert_frame_equal(
            alike(two),
            alike(one),
            check_dtype=False,
            check_column_type=False,
            check_index_type=False,
            rtol=1e-9,
        )


def changed(frames, case, edit):
    """All frames of the case, each put through `edit`."""
    return {name: edit(frames[name]) for name in case.frames}


def one_by_one(frames, case, edit):
    """The frames with one of them edited, for each in turn."""
    for name in case.frames:
        yield frames | {name: edit(frames[name])}


def with_column(frames, place, edit):
    """The frames with one column, ``"frame.column"``, edited."""
    name, column = place.split(".")
    return frames | {name: frames[name].assign(**{column: edit(frames[name][column])})}


def ids_of(frame):
    return [c for c in frame if str(c).endswith("_id") and pd.api.types.is_integer_dtype(frame[c])]


def blank(column):
    """A column with nothing in it, of the kind it had."""
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_string_dtype(column):
        return pd.Series(None, index=column.index, dtype=column.dtype)
    kind = "boolean" if pd.api.types.is_bool_dtype(column) else "float64"
    return pd.Series(pd.NA if kind == "boolean" else np.nan, index=column.index, dtype=kind)


every = pytest.mark.parametrize("name", list(CASES))


def places(field):
    """Every (function, column or frame) that a field of the table names."""
    return pytest.mark.parametrize(
        ("name", "place"), [(name, place) for name, case in CASES.items() for place in getattr(case, field)]
    )


def test_every_public_function_is_in_the_table():
    folder = Path(analysis.__file__).parent
    assert sorted(analysis.__all__) == sorted(
        path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")
    )
    public = {
        f"{module}.{name}"
        for module in analysis.__all__
        for name in import_module(f"ecomtrain.analysis.{module}").__all__
        if inspect.isfunction(getattr(import_module(f"ecomtrain.analysis.{module}"), name))
    }
    assert public == set(CASES)


@every
def test_an_empty_frame_gets_an_answer_or_a_sentence(name, frames):
    for odd in one_by_one(frames, CASES[name], lambda frame: frame.iloc[:0]):
        answers_or_says_why(CASES[name], odd)
    answers_or_says_why(CASES[name], changed(frames, CASES[name], lambda frame: frame.iloc[:0]))


@every
def test_a_single_row_gets_an_answer_or_a_sentence(name, frames):
    for odd in one_by_one(frames, CASES[name], lambda frame: frame.iloc[:1]):
        answers_or_says_why(CASES[name], odd)


@every
def test_a_column_of_nothing_gets_an_answer_or_a_sentence(name, frames):
    for frame in CASES[name].frames:
        for column in frames[frame]:
            answers_or_says_why(CASES[name], with_column(frames, f"{frame}.{column}", blank))


@every
def test_nothing_but_zeros_gets_an_answer_or_a_sentence(name, frames):
    def zeros(frame):
        numbers = [c for c in frame.select_dtypes("number") if c not in ids_of(frame)]
        return frame.assign(**dict.fromkeys(numbers, 0))

    answers_or_says_why(CASES[name], changed(frames, CASES[name], zeros))


@every
def test_a_missing_id_gets_an_answer_or_a_sentence(name, frames):
    for frame in CASES[name].frames:
        for column in ids_of(frames[frame]):
            odd = with_column(
                frames, f"{frame}.{column}", lambda ids: ids.astype("Int64").mask(np.arange(len(ids)) == 0)
            )
            answers_or_says_why(CASES[name], odd)


@every
def test_the_index_plays_no_part(name, frames):
    same(CASES[name], frames, changed(frames, CASES[name], lambda f: f.set_axis([7] * len(f))))


@every
@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_the_rows_plays_no_part(name, seed, frames):
    same(CASES[name], frames, changed(frames, CASES[name], lambda f: f.sample(frac=1, random_state=seed)))


@every
def test_the_order_of_events_at_one_moment_plays_no_part(name, frames):
    if "events" in CASES[name].frames:
        frames["events"] = frames["events"].assign(ts=frames["events"]["ts"].dt.floor("h"))
        same(CASES[name], frames, changed(frames, CASES[name], lambda f: f.sample(frac=1, random_state=2)))


@every
@pytest.mark.parametrize("kind", ["category", "object"])
def test_text_as_category_or_object_gives_the_same_answer(name, kind, frames):
    def convert(frame):
        return frame.astype({c: kind for c in frame if pd.api.types.is_string_dtype(frame[c])})

    same(CASES[name], frames, changed(frames, CASES[name], convert))


@every
def test_categories_of_ids_and_categories_without_a_row_give_the_same_answer(name, frames):
    def convert(frame):
        text = {c: frame[c].astype("category") for c in frame if pd.api.types.is_string_dtype(frame[c])}
        extra = {c: column.cat.add_categories(["nobody"]) for c, column in text.items()}
        return frame.assign(**extra, **{c: frame[c].astype("category") for c in ids_of(frame)})

    same(CASES[name], frames, changed(frames, CASES[name], convert))


@every
def test_nineteen_digit_ids_stay_exact(name, frames):
    def lengthen(frame):
        return frame.assign(**{c: frame[c] + LONG for c in ids_of(frame)})

    if name != "paths.dwell_conversion":  # its list of buyers holds the short ids
        same(CASES[name], frames, changed(frames, CASES[name], lengthen))


@every
def test_ids_as_text_with_leading_zeros_give_the_same_answer(name, frames):
    def pad(frame):
        return frame.assign(
            **{
                c: frame[c].map(lambda v: f"{v:012d}", na_action="ignore").astype("str")
                for c in ids_of(frame)
            }
        )

    if name != "paths.dwell_conversion":
        same(CASES[name], frames, changed(frames, CASES[name], pad))


@places("ids")
def test_long_ids_read_as_floats_are_refused(name, place, frames):
    with pytest.raises(CourseError, match="floats"):
        run(
            CASES[name], with_column(frames, place, lambda ids: ids.astype("Float64").astype(float) + 2.0**60)
        )


@places("times")
def test_a_column_of_times_with_and_without_zone_is_refused(name, place, frames):
    def mix(times):
        values = [
            t if i % 2 else t.tz_localize(None).tz_localize("UTC") for i, t in enumerate(times.dropna())
        ]
        naive = [t.tz_localize(None) if i % 2 else t for i, t in enumerate(values)]
        return pd.Series(naive, index=times.dropna().index, dtype=object).reindex(times.index)

    with pytest.raises(CourseError, match="mixes times with and without a time zone"):
        run(CASES[name], with_column(frames, place, mix))


@places("times")
def test_one_column_on_another_kind_of_clock_is_refused_or_read_as_the_shops(name, place, frames):
    other = with_column(
        frames,
        place,
        lambda t: t.dt.tz_localize("Asia/Shanghai") if t.dt.tz is None else t.dt.tz_localize(None),
    )
    if answers_or_says_why(CASES[name], other) is not None:
        same(CASES[name], frames, other)


@places("times")
def test_text_in_place_of_times_is_refused(name, place, frames):
    with pytest.raises(CourseError, match="not times"):
        run(CASES[name], with_column(frames, place, lambda times: times.astype("str")))


@every
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_the_clock_of_another_country_tells_the_same_moments(name, zone, frames):
    def move(frame):
        return frame.assign(**{c: frame[c].dt.tz_convert(zone) for c in frame.select_dtypes("datetimetz")})

    same(CASES[name], frames, changed(frames, CASES[name], move))


@places("refuses_negative")
def test_a_negative_quantity_is_refused(name, place, frames):
    with pytest.raises(CourseError, match=r"negative|not a share|0 or above"):
        run(CASES[name], with_column(frames, place, lambda column: -column - 1))


@every
def test_negative_numbers_elsewhere_get_an_answer_or_a_sentence(name, frames):
    for frame in CASES[name].frames:
        for column in frames[frame].select_dtypes("number"):
            answers_or_says_why(CASES[name], with_column(frames, f"{frame}.{column}", lambda x: -x))


@places("refuses_shops")
def test_two_shops_are_not_added_up(name, place, frames):
    frames[place] = frames[place].assign(shop=["tea", *["coffee"] * (len(frames[place]) - 1)])
    with pytest.raises(CourseError, match=r"2 (shops|values of 'shop')"):
        run(CASES[name], frames)


@places("refuses_currencies")
def test_two_currencies_are_not_added_up(name, place, frames):
    frames[place] = frames[place].assign(currency=["CNY", *["USD"] * (len(frames[place]) - 1)])
    with pytest.raises(CourseError, match="2 values of 'currency'"):
        run(CASES[name], frames)


@every
def test_a_missing_column_is_named(name, frames):
    """Without any one column the function works as before or says which one it misses."""
    for frame in CASES[name].frames:
        for column in frames[frame]:
            lacking = frames | {frame: frames[frame].drop(columns=column)}
            try:
                run(CASES[name], lacking)
            except CourseError as refusal:
                says = str(refusal)
            except KeyError:
                # The call of the table itself takes the column out of the frame.
                says = inspect.getsource(CASES[name].call)
            else:
                continue
            assert column in says


@every
def test_answers_hold_plain_numbers_not_numpy_scalars(name, frames):
    result = run(CASES[name], frames)
    if dataclasses.is_dataclass(result):
        values = [getattr(result, field.name) for field in dataclasses.fields(result)]
    else:
        values = list(result) if isinstance(result, tuple) else [result]
    assert not any(isinstance(value, np.generic) for value in values)


def test_months_of_28_and_29_and_31_days_are_compared_as_they_are(frames):
    day = pd.date_range("2023-01-01", "2024-03-31")
    searches = pd.DataFrame({"date": day, "term": "dress", "searches": 10})
    february = sales.search_growth(searches, month="2024-02").iloc[0]
    assert february[["searches", "previous_month", "last_year"]].tolist() == [290, 310, 280]
    march = sales.search_growth(searches, month="2024-03").iloc[0]
    assert march[["searches", "previous_month", "last_year"]].tolist() == [310, 290, 310]


def test_refunds_may_exceed_payments(frames):
    tables = {name: frames[name] for name in CASES["metrics.kpi20"].frames}
    tables["returns"] = tables["returns"].assign(refunded_amount=1000.0)
    assert metrics.value(tables, "T7", *JUNE) == pytest.approx(2000 / 260)
