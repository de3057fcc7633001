"""Attribution: gold values by hand, the rules against their definitions, and the laws of all of them."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain import datasets
from ecomtrain.analysis.attribution import MODELS, attribute, compare, removal_effects, transitions
from ecomtrain.errors import CourseError

law = settings(max_examples=30, deadline=None)
paths = st.lists(
    st.tuples(st.lists(st.sampled_from("abcd"), min_size=1, max_size=5), st.booleans()),
    min_size=1,
    max_size=8,
).map(lambda found: [*found, (["a"], False)])


def touches(journeys, hours=24):
    """Contacts of ``[("ab", True), ...]``, one every `hours`."""
    rows = [
        (number, pd.Timestamp("2026-06-01") + pd.Timedelta(hours=hours * place), name, bought, 10.0 * bought)
        for number, (path, sold) in enumerate(journeys)
        for place, (name, bought) in enumerate((c, sold and i == len(path) - 1) for i, c in enumerate(path))
    ]
    return pd.DataFrame(rows, columns=["journey_id", "ts", "channel", "converted", "amount"])


GOLD = touches([(["C1", "C2", "C3"], True), (["C1"], False), (["C2", "C3"], False)])


def test_the_markov_shares_of_three_journeys_are_a_fifth_and_two_fifths_twice():
    assert attribute(GOLD)["share"].tolist() == pytest.approx([0.2, 0.4, 0.4], abs=1e-12)
    effects = removal_effects(GOLD)
    assert effects["total_rate"].tolist() == pytest.approx([1 / 3] * 3, abs=1e-12)
    assert effects["removal_effect"].tolist() == pytest.approx([0.5, 1, 1], abs=1e-12)
    assert effects["rate_without"].tolist() == pytest.approx([1 / 6, 0, 0], abs=1e-12)


def share(path, model, **options):
    """Shares of one journey that converts, beside one of another channel that does not."""
    return attribute(touches([(path, True), (["z"], False)]), model, **options)["share"].drop("z").tolist()


@pytest.mark.parametrize(
    ("path", "model", "expected"),
    [("abc", "first", [1, 0, 0]), ("abc", "last", [0, 0, 1]), ("abca", "linear", [0.5, 0.25, 0.25]),
     ("a", "position", [1]), ("ab", "position", [0.5, 0.5]), ("abc", "position", [0.4, 0.2, 0.4]),
     ("abcd", "position", [0.4, 0.1, 0.1, 0.4]), ("aba", "position", [0.8, 0.2]),
     ("abca", "shapley", [1 / 3] * 3), ("abc", "time_decay", [1 / 7, 2 / 7, 4 / 7])],
)  # fmt: skip
def test_each_rule_by_hand(path, model, expected):
    assert share(path, model, half_life="1D") == pytest.approx(expected, abs=1e-12)


def test_two_contacts_share_by_the_parts_of_first_and_last():
    assert share("ab", "position", position=(0.6, 0.2, 0.2)) == pytest.approx([0.75, 0.25])


def test_a_direct_visit_gets_the_credit_only_where_there_is_no_other():
    journeys = [(["feed", "direct", "direct"], True), (["direct"], True)]
    table = attribute(touches(journeys), "last_non_direct")
    assert table["conversions"].to_dict() == {"direct": 1, "feed": 1}
    assert attribute(touches(journeys), "last_non_direct", direct="feed")["conversions"].to_dict() == {
        "direct": 2,
        "feed": 0,
    }


def test_contacts_at_one_moment_are_ordered_by_name_and_the_converted_one_comes_last():
    one = touches([("cba", False), ("cba", False)], hours=0)
    one.loc[0, "converted"] = True  # c of the first journey
    for seed in range(4):
        assert attribute(one.sample(frac=1, random_state=seed), "last")["conversions"].tolist() == [0, 0, 1]
        assert attribute(one.sample(frac=1, random_state=seed), "first")["conversions"].tolist() == [1, 0, 0]


def rate_by_hand(journeys, without=None):
    """P(conversion) of the chain with one channel closed, by iterating it to the end."""
    count = {}
    for path, sold in journeys:
        for move in itertools.pairwise(["start", *path, "sale" if sold else "null"]):
            count[move] = count.get(move, 0) + 1
    out = {}
    for (source, _), n in count.items():
        out[source] = out.get(source, 0) + n
    at, sale = {"start": 1.0}, 0.0
    for _ in range(3000):
        then = {}
        for source, mass in at.items():
            for (origin, target), n in count.items():
                if origin == source and target not in (without, "null"):
                    then[target] = then.get(target, 0) + mass * n / out[source]
        sale += then.pop("sale", 0)
        at = then
    return sale


@settings(max_examples=10, deadline=None)
@given(paths)
def test_removal_effects_are_those_of_the_chain_with_the_channel_closed(journeys):
    effects = removal_effects(touches(journeys))
    for name, row in effects.iterrows():
        assert row["total_rate"] == pytest.approx(rate_by_hand(journeys), abs=1e-9)
        assert row["rate_without"] == pytest.approx(rate_by_hand(journeys, name), abs=1e-9)


@law
@given(paths)
def test_shapley_is_the_average_over_all_orders_in_which_the_channels_may_join(journeys):
    table = attribute(touches(journeys), "shapley")
    names = list(table.index)
    won = dict.fromkeys(names, 0.0)
    for order in itertools.permutations(names):
        for place, name in enumerate(order):
            before, after = set(order[:place]), set(order[: place + 1])
            won[name] += sum(sold and set(path) <= after for path, sold in journeys)
            won[name] -= sum(sold and set(path) <= before for path, sold in journeys)
    orders = math.factorial(len(names))
    assert table["conversions"].to_dict() == pytest.approx({n: w / orders for n, w in won.items()}, abs=1e-9)


@law
@given(paths, st.sampled_from(MODELS))
def test_credits_add_up_to_the_conversions_and_the_money(journeys, model):
    table = attribute(touches(journeys), model, value="amount")
    sold = sum(sold for _, sold in journeys)
    assert table["conversions"].sum() == pytest.approx(sold, abs=1e-9)
    assert table["value"].sum() == pytest.approx(10 * sold, abs=1e-9)
    assert (table[["conversions", "value"]] >= -1e-12).all().all()
    if sold:
        assert table[["share", "value_share"]].sum().tolist() == pytest.approx([1, 1])
        # Where every order is worth the same, the money follows the conversions.
        assert np.allclose(table["share"], table["value_share"])


@law
@given(paths, st.sampled_from(MODELS), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_and_repeated_journeys_change_no_share(journeys, model, random):
    frame = touches(journeys)
    once = attribute(frame, model)
    shuffled = frame.sample(frac=1, random_state=random.randint(0, 99))
    twice = pd.concat([shuffled, frame.assign(journey_id=frame["journey_id"] + 100)])
    assert_frame_equal(attribute(shuffled, model), once)
    assert_frame_equal(attribute(twice, model)[["share"]], once[["share"]])


@law
@given(paths, st.sampled_from(["markov", "shapley", "first", "last"]))
def test_a_channel_met_again_at_once_changes_nothing(journeys, model):
    doubled = [([name for name in path for _ in range(2)], sold) for path, sold in journeys]
    assert_frame_equal(attribute(touches(doubled), model), attribute(touches(journeys), model))


@law
@given(paths)
def test_channels_that_change_names_change_credits(journeys):
    """Symmetry: no rule but last_non_direct looks at what a channel is called."""
    swap = dict(zip("abcd", "badc", strict=True))
    other = [([swap[name] for name in path], sold) for path, sold in journeys]
    models = [model for model in MODELS if model != "last_non_direct"]
    found = compare(touches(other), models).rename(index=swap).sort_index()
    assert_frame_equal(found, compare(touches(journeys), models), check_names=False)


def test_long_half_lives_make_time_decay_linear_and_short_ones_the_last_contact():
    frame = touches([("abcab", True), ("bca", True), ("c", False)])
    wide = compare(frame, ["linear", "last"])
    assert np.allclose(
        attribute(frame, "time_decay", half_life="100000D")["share"], wide["linear"], atol=1e-4
    )
    assert np.allclose(attribute(frame, "time_decay", half_life="1min")["share"], wide["last"])


def test_the_value_of_an_order_goes_with_the_paths_that_end_in_dear_ones():
    frame = touches([("ab", True), ("cd", True), ("a", False), ("c", False)])
    frame.loc[frame["channel"] == "d", "amount"] = 90.0
    table = attribute(frame, value="amount")
    assert table["share"].tolist() == pytest.approx([0.25] * 4)
    assert table["value"].tolist() == pytest.approx([5, 5, 45, 45])


@pytest.mark.parametrize("model", MODELS)
def test_without_any_conversion_there_is_nothing_to_share_out(model):
    table = attribute(touches([("ab", False), ("b", False)]), model, value="amount", seed=1)
    assert table["conversions"].tolist() == [0, 0]
    assert table["value"].tolist() == [0, 0]
    assert table[["share", "low", "high", "value_share"]].isna().all().all()
    assert removal_effects(touches([("ab", False)]))["removal_effect"].isna().all()


def test_intervals_come_from_a_seed_hold_the_share_and_narrow_with_more_journeys():
    paths = [("ab", True), ("b", False), ("ca", True), ("a", False), ("cb", False)]
    small, large = touches(paths * 20), touches(paths * 320)
    one, two = (attribute(small, seed=3, draws=60) for _ in range(2))
    assert_frame_equal(one, two)
    assert (one["low"] <= one["share"]).all()
    assert (one["share"] <= one["high"]).all()
    width = one["high"] - one["low"]
    other = attribute(large, seed=3, draws=60)
    assert ((other["high"] - other["low"]) < 0.5 * width).all()
    assert not attribute(small, seed=4, draws=60).equals(one)


def test_the_interval_of_the_last_contact_is_that_of_a_share_of_the_conversions():
    frame = touches([("ab", True)] * 60 + [("a", True)] * 40 + [("b", False)] * 300)
    row = attribute(frame, "last", seed=0, draws=400).loc["b"]
    expected = 0.6 + np.array([-1.96, 1.96]) * np.sqrt(0.6 * 0.4 / 100)
    assert [row["low"], row["high"]] == pytest.approx(expected, abs=0.025)


def test_moves_of_a_channel_add_up_and_the_chain_can_be_read_from_them():
    moves = transitions(GOLD)
    assert moves.groupby("from")["probability"].sum().tolist() == pytest.approx([1, 1, 1, 1])
    table = moves.set_index(["from", "to"])["count"]
    assert table["(start)", "C1"] == 2
    assert table["C3", "(conversion)"] == table["C3", "(null)"] == 1
    assert (moves["low"] <= moves["probability"]).all()
    assert (moves["probability"] <= moves["high"]).all()


@pytest.mark.parametrize("model", ["markov", "last"])
def test_rows_without_a_journey_are_left_out_and_a_missing_channel_is_named(model):
    frame = touches([("ab", True), ("b", False)]).astype({"journey_id": "Int64"})
    frame.loc[len(frame)] = [pd.NA, frame["ts"].iloc[0], "x", True, 5.0]
    frame.loc[frame.index[1], "channel"] = None
    table = attribute(frame, model)
    assert table["conversions"].sum() == pytest.approx(1)
    assert list(table.index) == ["(unknown)", "a", "b"] or list(table.index) == ["(unknown)", "a", "b", "x"]


@pytest.mark.parametrize(
    ("options", "words"),
    [({"model": "lineer"}, "Did you mean 'linear'"), ({"half_life": "soon"}, "not a length of time"),
     ({"half_life": "-1D"}, "not a length of time"), ({"position": (0.5, 0.5)}, "give three parts"),
     ({"position": (0, 1, 0)}, "give three parts"), ({"position": 1}, "give three parts"),
     ({"draws": 0}, "draws is 0"), ({"level": 95}, "level is 95"), ({"value": "money"}, "column 'money'")],
)  # fmt: skip
def test_what_cannot_be_meant_gets_a_sentence(options, words):
    with pytest.raises(CourseError, match=words):
        attribute(GOLD, **{"model": "position" if "position" in options else "time_decay", **options})


def test_the_chain_needs_journeys_that_end_in_nothing_and_few_channels():
    with pytest.raises(CourseError, match="every journey converts"):
        compare(touches([("ab", True)]))
    many = touches([([f"c{i}" for i in range(2001)], True), (["c0"], False)])
    with pytest.raises(CourseError, match="2001 channels are too many"):
        removal_effects(many)
    assert len(attribute(many, "shapley")) == 2001


def test_each_of_very_many_channels_is_met_once_in_a_journey():
    rng = np.random.default_rng(2)
    met = [rng.choice([f"c{i}" for i in range(1900)], size=6).tolist() for _ in range(200)]
    paths = [(path + path[:1], True) for path in met]
    table = attribute(touches(paths), "shapley")
    assert 200 * len(table) > 50 * 7 * 200  # more cells than the quick way takes
    expected = pd.Series(0.0, table.index)
    for path, _ in paths:
        expected[list(set(path))] += 1 / len(set(path))
    assert np.allclose(table["conversions"], expected)
    assert table["journeys"].sum() == sum(len(set(path)) for path, _ in paths)


def test_a_time_or_a_mark_that_is_none_is_refused():
    with pytest.raises(CourseError, match="column 'ts' is missing in 1 row"):
        attribute(GOLD.assign(ts=GOLD["ts"].where(GOLD.index > 0)))
    with pytest.raises(CourseError, match="column 'converted' holds 3"):
        attribute(GOLD.assign(converted=3))


@pytest.mark.parametrize(("measure", "words"), [("value", "value="), ("shares", "measure is 'shares'")])
def test_a_measure_that_is_not_there_is_named(measure, words):
    with pytest.raises(CourseError, match=words):
        compare(GOLD, measure=measure)


def test_on_the_courses_journeys_every_rule_credits_every_order_and_its_amount():
    frame = datasets.load("touchpoints", shop="beauty")
    last = frame[frame["converted"]]
    for measure, total in {"conversions": len(last), "value": last["amount"].sum()}.items():
        wide = compare(frame, measure=measure, value="amount")
        assert wide.sum().tolist() == pytest.approx([total] * len(MODELS), rel=1e-9)
    orders = datasets.load("orders", shop="beauty").set_index("order_id")["channel"]
    counts = orders.loc[last["order_id"]].value_counts().sort_index()
    assert compare(frame, ["last"], measure="conversions")["last"].to_dict() == counts.to_dict()
