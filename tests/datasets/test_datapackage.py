"""The data package: its descriptor by the standard's own validator, its rules and joins, its pages.

The validator reads descriptors. It is not asked to read the rows: it turns Parquet's missing whole numbers
into NaN, calls them wrong and takes minutes; `test_contents` checks the rows.
"""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecomtrain import datasets
from ecomtrain.datasets import package
from ecomtrain.datasets.rules import Rule, joins, rules
from ecomtrain.errors import CourseError
from ecomtrain.shop.schema import Column, Table, schema


@pytest.fixture(scope="module")
def descriptor():
    return json.loads((datasets.folder() / "datapackage.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tables():
    return {name: datasets.load(name) for name in datasets.names()}


def test_the_descriptor_is_valid_by_the_validator_of_the_standard(descriptor):
    import frictionless

    report = frictionless.Package.validate_descriptor(descriptor, basepath=str(datasets.folder()))
    assert report.flatten(["type", "message"]) == []


def _money(resources):
    resources[0]["schema"]["fields"][0]["type"] = "money"


def _lost(resources):
    resources[1]["schema"]["foreignKeys"][0]["fields"] = ["nothing"]


@pytest.mark.parametrize(("spoil", "told"), [(_money, "money"), (_lost, "nothing")])
def test_the_validator_would_see_a_wrong_type_or_join(descriptor, spoil, told):
    import frictionless

    wrong = json.loads(json.dumps(descriptor))
    spoil(wrong["resources"])
    report = frictionless.Package.validate_descriptor(wrong)
    assert [message for (message,) in report.flatten(["message"]) if told in message]


def test_every_table_is_described_and_called_as_in_load(descriptor):
    assert [entry["name"] for entry in descriptor["resources"]] == datasets.names()
    assert [entry["path"] for entry in descriptor["resources"]] == [f"{n}.parquet" for n in datasets.names()]
    assert [licence["name"] for licence in descriptor["licenses"]] == ["CC-BY-4.0"]


def test_bytes_checksum_rows_and_missing_values_are_as_described(descriptor, tables):
    for entry in descriptor["resources"]:
        path, frame = datasets.folder() / entry["path"], tables[entry["name"]]
        assert (entry["bytes"], entry["rows"]) == (path.stat().st_size, len(frame))
        assert entry["hash"] == f"sha256:{package.digest(path)}"
        fields = entry["schema"]["fields"]
        assert [field["name"] for field in fields] == list(frame.columns)
        assert [field["missing"] for field in fields] == frame.isna().sum().tolist()
        assert all(field["description"] for field in fields)


@pytest.mark.parametrize("name", datasets.names())
def test_every_join_leads_to_a_row(name, tables):
    for column, (owner, key) in joins(schema()[name]).items():
        led = tables[name][column].dropna()
        lost = led[~led.isin(tables[owner][key])]
        assert lost.empty, (
            f"{name}.{column} has {len(lost)} values that are not in {owner}.{key}: {lost.iloc[0]}"
        )


def test_joins_are_in_the_descriptor_as_foreign_keys(descriptor):
    found = {
        (entry["name"], *key["fields"], key["reference"]["resource"], *key["reference"]["fields"])
        for entry in descriptor["resources"]
        for key in entry["schema"].get("foreignKeys", [])
    }
    assert ("order_lines", "order_id", "orders", "order_id") in found
    assert ("orders", "customer_id", "customers", "customer_id") in found
    stated = {(t.name, column, *to) for t in schema().values() for column, to in joins(t).items()}
    assert found == stated


def test_a_package_of_some_tables_has_no_join_to_a_table_that_it_lacks(tmp_path, tables):
    datasets.write(tmp_path, {name: tables[name] for name in ("shops", "returns")})
    made = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    keys = made["resources"][1]["schema"]["foreignKeys"]
    assert [key["reference"]["resource"] for key in keys] == ["shops"]


def table(**columns):
    made = tuple(Column(name, *about) for name, about in columns.items())
    return Table("made", "", "", "", (), (), (), (next(iter(columns)),), made)


def test_rules_follow_from_kind_unit_and_description():
    made = rules(
        table(
            visit_id=("int64", "", "visit"),
            paid_at=("time", "", "when it was paid; missing where it was not"),
            session_id=("Int64", "", "visit"),
            amount=("float64", "yuan", "what was paid"),
            change=("float64", "yuan", "against the day before; may be negative"),
            rate=("float64", "share", "of the visits"),
            title=("str", "", "name"),
        )
    )
    assert made == {
        "visit_id": Rule(required=True, unique=True),
        "paid_at": Rule(required=False, unique=False),
        "session_id": Rule(required=False, unique=False),
        "amount": Rule(required=True, unique=False, low=0),
        "change": Rule(required=True, unique=False),
        "rate": Rule(required=True, unique=False, low=0, high=1),
        "title": Rule(required=True, unique=False),
    }


def test_a_table_may_state_its_own_joins_and_ranges():
    who = ("int64", "", "who")
    made = table(note_id=("int64", "", "note"), seller_id=who, customer_id=who, rating=("int64", "", "stars"))
    stated = {
        "joins": {"seller_id": "customers.customer_id", "customer_id": ""},
        "ranges": {"rating": [1, 5]},
    }
    for name, value in stated.items():
        object.__setattr__(made, name, value)
    assert joins(made) == {"seller_id": ("customers", "customer_id")}
    assert rules(made)["rating"] == Rule(required=True, unique=False, low=1, high=5)
    object.__setattr__(made, "joins", {"seller_id": "customers.seller_id"})
    with pytest.raises(
        CourseError, match=r"table 'made' joins seller_id to 'customers\.seller_id', which is no"
    ):
        joins(made)


def test_the_page_has_an_overview_and_a_datasheet_for_every_table():
    text = (datasets.folder() / "README.md").read_text(encoding="utf-8")
    overview, _, _ = text.partition("\n## shops\n")
    assert [name for name in datasets.names() if f"| [{name}](#{name}) |" not in overview] == []
    assert [name for name in datasets.names() if f"\n## {name}\n" not in text] == []


def test_further_pages_are_written_and_linked_by_their_heading(tmp_path):
    shops = datasets.load("shops")
    pages = {"claims.md": "# The ledger\n\nWhat holds.\n"}
    written = datasets.write(tmp_path, {"shops": shops}, pages=pages)
    assert [path.name for path in written] == ["shops.parquet", "README.md", "claims.md", "datapackage.json"]
    assert (tmp_path / "claims.md").read_text(encoding="utf-8") == pages["claims.md"]
    assert "- [The ledger](claims.md)\n" in (tmp_path / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "claims", "../claims.md", "a/claims.md"])
def test_a_page_needs_a_plain_name(tmp_path, name):
    with pytest.raises(CourseError, match=r"datasets\.write: '.*' cannot be the name of a page"):
        datasets.write(tmp_path / "made", {"shops": datasets.load("shops")}, pages={name: "# Title\n"})
    assert not (tmp_path / "made").exists()


def test_writing_an_unknown_or_wrong_table_writes_nothing(tmp_path):
    shops = datasets.load("shops")
    with pytest.raises(
        CourseError, match=r"datasets\.write: there is no table 'shop'; .*Did you mean 'shops'\?"
    ):
        datasets.write(tmp_path / "a", {"shop": shops})
    with pytest.raises(CourseError, match=r"column 'currency' is not in the frame"):
        datasets.write(tmp_path / "b", {"shops": shops.drop(columns="currency")})
    with pytest.raises(CourseError, match=r"column 'title' holds int64, not str"):
        datasets.write(tmp_path / "c", {"shops": shops.assign(title=1)})
    assert list(tmp_path.iterdir()) == []


def test_no_file_carries_the_metadata_of_the_pandas_that_made_it():
    paths = list(Path(datasets.folder()).glob("*.parquet"))
    assert [path.name for path in paths if pq.read_schema(path).metadata is not None] == []
