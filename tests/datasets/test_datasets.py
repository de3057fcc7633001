"""Loading, and what is said when something is asked for that is not there."""

import time

import pytest
from pandas.testing import assert_frame_equal

from ecomtrain import datasets, shop
from ecomtrain.errors import CourseError
from ecomtrain.shop.schema import DTYPES, schema


@pytest.mark.parametrize("name", datasets.names())
def test_a_table_has_the_columns_and_dtypes_of_its_datasheet(name):
    frame = datasets.load(name)
    expected = {column.name: DTYPES[column.kind] for column in schema()[name].columns}
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == expected
    assert len(frame) == datasets.describe(name).attrs["rows"] > 0


def test_what_is_written_is_what_is_loaded(tmp_path, monkeypatch):
    tables = shop.make(seed=3, scale=0.01)
    datasets.write(tmp_path / "data", tables)
    monkeypatch.setattr(datasets, "__file__", str(tmp_path / "ecomtrain" / "datasets" / "__init__.py"))
    for name, frame in tables.items():
        assert_frame_equal(datasets.load(name), frame)


def test_one_shop_is_a_part_of_the_whole():
    whole = datasets.load("orders")
    part = datasets.load("orders", shop="fmcg")
    assert_frame_equal(part, whole[whole["shop"] == "fmcg"].reset_index(drop=True))


@pytest.mark.parametrize(
    "columns",
    [["paid_at", "session_id"], ["session_id"], "amount", ["order_id", "session_id", "order_id"]],
)
def test_only_the_asked_columns_are_loaded_in_the_asked_order(columns):
    wanted = [columns] if isinstance(columns, str) else list(dict.fromkeys(columns))
    whole = datasets.load("orders", shop="home")
    assert_frame_equal(datasets.load("orders", shop="home", columns=columns), whole[wanted])


def test_a_loaded_table_can_be_changed_without_changing_the_next():
    first = datasets.load("shops")
    first["currency"] = "EUR"
    assert set(datasets.load("shops")["currency"]) == {"CNY"}


def test_the_largest_table_loads_at_once():
    largest = max(datasets.names(), key=lambda name: datasets.describe(name).attrs["rows"])
    # The processor's time, as other tests may run beside this one; reading uses up to two threads.
    begun = time.process_time()
    datasets.load(largest)
    assert time.process_time() - begun < 0.6


@pytest.mark.parametrize("name", ["order", "Orders", "", None, 3])
def test_an_unknown_table_is_answered_with_the_list(name):
    with pytest.raises(CourseError, match=r"load: there is no table .*; the tables are shops, products, "):
        datasets.load(name)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(CourseError, match=r"Did you mean 'order_lines'\?"):
        datasets.load("order_line")
    with pytest.raises(CourseError, match=r"no shop 'Fmcg'; the shops are apparel, .*Did you mean 'fmcg'\?"):
        datasets.load("orders", shop="Fmcg")
    with pytest.raises(CourseError, match=r"no column 'paid'; it has order_id, .*Did you mean 'paid_at'\?"):
        datasets.load("orders", columns=["order_id", "paid"])
    with pytest.raises(CourseError, match=r"describe: there is no table 'event'.*Did you mean 'events'\?"):
        datasets.describe("event")


def test_a_shop_cannot_be_asked_of_a_table_that_all_share():
    with pytest.raises(
        CourseError, match=r"table 'calendar' is the same for all shops; leave shop='home' out"
    ):
        datasets.load("calendar", shop="home")


def test_the_data_fit_the_room_they_were_given():
    assert sum(path.stat().st_size for path in datasets.folder().iterdir()) < 20_000_000


def test_describe_lists_the_columns_with_what_is_missing():
    table = datasets.describe("orders")
    assert table.loc["session_id", "dtype"] == "Int64"
    assert table.loc["paid_at", "missing"] == datasets.load("orders")["paid_at"].isna().sum()
    assert table.attrs["claims"] == list(schema()["orders"].claims)
