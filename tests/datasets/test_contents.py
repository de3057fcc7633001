"""Tables against the rules of their datasheets."""

import subprocess
import sys

import pandas as pd
import pytest

from ecomtrain import datasets, shop
from ecomtrain.errors import CourseError


@pytest.fixture(scope="module")
def orders():
    return datasets.load("orders", shop="tea" if "tea" in datasets.load("shops")["shop"].tolist() else "home")


@pytest.mark.parametrize("name", datasets.names())
def test_the_published_table_keeps_to_its_rules(name):
    frame = datasets.load(name)
    assert datasets.check(name, frame) is frame


def test_a_shop_of_another_seed_and_size_keeps_to_its_rules():
    for name, frame in shop.make(seed=3, scale=0.02).items():
        datasets.check(name, frame)


def test_a_part_of_a_table_and_an_empty_one_pass(orders):
    datasets.check("orders", orders.iloc[10:20])
    datasets.check("orders", orders.iloc[:0])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            lambda f: f.assign(amount=-f["amount"]),
            r"'amount' has \d+ values below 0, the first in row 0: -\d",
        ),
        (lambda f: f.assign(order_id=7), r"'order_id' repeats \d+ values, the first in row 1: 7\."),
        (
            lambda f: f.assign(channel=f["channel"].mask(f.index == 2)),
            r"'channel' has 1 missing values, .* row 2\.",
        ),
        (lambda f: f.assign(channel=f["channel"].astype(object)), r"'channel' holds object, not str"),
        (lambda f: f.assign(channel=f["channel"].astype("string")), r"'channel' holds string, not str"),
        (
            lambda f: f.assign(session_id=f["session_id"].astype("float64")),
            r"'session_id' holds float64, not Int64",
        ),
        (
            lambda f: f.assign(paid_at=f["paid_at"].dt.tz_localize(None)),
            r"holds datetime64\[us\], not .*Shanghai",
        ),
        (lambda f: f.assign(note=1), r"column 'note' does not belong there"),
        (
            lambda f: f.drop(columns="amount"),
            r"column 'amount' is missing\. datasets\.describe\('orders'\) lists",
        ),
    ],
)
def test_what_is_wrong_is_counted_and_shown(orders, wrong, told):
    with pytest.raises(CourseError, match=rf"datasets\.check\('orders'\): .*{told}"):
        datasets.check("orders", wrong(orders))


def test_rows_are_counted_from_the_top_whatever_the_index(orders):
    frame = orders.set_axis(range(1000, 1000 + len(orders)))
    frame.loc[1004, "channel"] = None
    with pytest.raises(CourseError, match=r"'channel' has 1 missing values, the first in row 4\."):
        datasets.check("orders", frame)


def test_a_key_of_several_columns_is_unique_as_a_whole():
    frame = datasets.load("inventory_daily").head(3)
    with pytest.raises(CourseError, match=r"3 rows repeat the key date, product_id, the first in row 3: 20"):
        datasets.check("inventory_daily", pd.concat([frame, frame]))


def test_the_first_five_findings_are_told_and_the_rest_counted(orders):
    wrong = orders.drop(columns=list(orders.columns[1:8]))
    with pytest.raises(CourseError, match=r"(column '\w+' is missing; ){5}and 2 more\."):
        datasets.check("orders", wrong)


def test_what_is_no_table_is_answered_with_a_sentence(orders):
    with pytest.raises(
        CourseError, match=r"datasets\.check: there is no table 'order'; .*Did you mean 'orders'\?"
    ):
        datasets.check("order", orders)
    with pytest.raises(CourseError, match=r"datasets\.check: a DataFrame is needed, a list was given"):
        datasets.check("orders", [1])
    with pytest.raises(CourseError, match=r"schema_of: there is no table 3"):
        datasets.schema_of(3)


def test_who_only_loads_does_not_pay_for_the_checks():
    code = (
        "import sys; from ecomtrain import datasets; datasets.load('shops')\n"
        "heavy = {'pandera', 'pydantic', 'urllib.request', 'rich', 'platformdirs', 'openpyxl', 'sklearn'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
