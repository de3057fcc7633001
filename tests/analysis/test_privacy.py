"""Masks that let nothing slip, pseudonyms that need the key, and honest class sizes."""

import hashlib
import hmac

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ecomtrain.analysis import privacy
from ecomtrain.errors import CourseError

KEY = b"sixteen bytes or more, kept apart"


def masked(value, rule):
    return privacy.mask(pd.DataFrame({"x": [value]}), {"x": rule})["x"].iloc[0]


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ("mobile", "13812341234", "138****1234"),
        ("mobile", "+86 138-1234-1234", "138****1234"),
        ("mobile", 13812341234, "138****1234"),
        ("mobile", 13812341234.0, "138****1234"),
        ("mobile", "0571-88001234", "***"),
        ("mobile", "1381234123", "***"),
        ("mobile", "138123412345", "***"),
        ("name", "王女士", "王*"),
        ("name", "欧阳小明", "欧*"),
        ("name", "Jane Doe", "J*"),
        ("name", "", "***"),
        ("email", "alice@example.com", "a***@example.com"),
        ("email", "a@example.com", "a***@example.com"),
        ("email", "not an address", "***"),
        ("email", "a@b@c.com", "***"),
        ("id_card", "110101199003071233", "110101************"),
        ("id_card", "11010119900307109x", "110101************"),
        ("id_card", "110101199003071234", "***"),  # its check digit is 3
        ("id_card", "110101900307123", "110101*********"),
        ("id_card", "1101011990030712", "***"),
        ("address", "浙江省杭州市西湖区文三路1号", "浙江省杭州市"),
        ("address", "北京市朝阳区建国路8号", "北京市"),
        ("address", "新疆维吾尔自治区乌鲁木齐市天山区", "新疆维吾尔自治区乌鲁木齐市"),
        ("address", "广西壮族自治区桂林市", "广西壮族自治区桂林市"),
        ("address", "云南省大理白族自治州大理市古城", "云南省大理白族自治州"),
        ("address", "内蒙古锡林郭勒盟二连浩特", "内蒙古锡林郭勒盟"),
        ("address", "浙江杭州市余杭区", "浙江杭州市"),
        ("address", "香港特别行政区中环", "香港特别行政区"),
        ("address", "浙江省西湖区文三路城市花园3栋", "浙江省"),
        ("address", "浙江省 杭州市 西湖区", "浙江省杭州市"),
        ("address", "1 Main Street", "***"),
        ("province", "浙江省杭州市西湖区文三路1号", "浙江省"),
        ("province", "上海市浦东新区", "上海市"),
        ("province", "杭州市西湖区", "***"),
    ],
)  # fmt: skip
def test_each_rule_keeps_what_it_says_and_no_more(rule, value, expected):
    assert masked(value, rule) == expected


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=30), st.sampled_from(["mobile", "email", "id_card"]))
def test_what_a_rule_does_not_understand_is_hidden_whole(text, rule):
    result = masked(text, rule)
    assert result == "***" or (result != text.strip() and "*" in result)


@settings(max_examples=120, deadline=None)
@given(st.text("浙江省杭州市西湖区北京路城花园县镇12号", max_size=16))
def test_a_masked_address_is_its_own_beginning_and_names_nothing_finer_than_a_city(text):
    result = masked(text, "address")
    if result != "***":
        assert text.replace(" ", "").startswith(result)
        assert not set(result) & set("区县镇路号12")


@settings(max_examples=120, deadline=None)
@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True), st.sampled_from(["", "+86", "86 "]))
def test_a_masked_mobile_shows_seven_digits_only(number, prefix):
    result = masked(prefix + number, "mobile")
    assert result == f"{number[:3]}****{number[-4:]}"


@settings(max_examples=120, deadline=None)
@given(st.from_regex(r"[1-9][0-9]{5}(19|20)[0-9]{9}", fullmatch=True))
def test_a_masked_id_card_shows_neither_birth_date_nor_sequence_and_only_one_check_digit_is_right(digits):
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]  # GB 11643
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    right = next(last for last in "0123456789X" if (total + (10 if last == "X" else int(last))) % 11 == 1)
    shown = {last: masked(digits + last, "id_card") for last in "0123456789X"}
    assert shown.pop(right) == digits[:6] + "*" * 12
    assert set(shown.values()) == {"***"}


def test_missing_values_stay_missing_and_the_index_stays():
    frame = pd.DataFrame({"mobile": pd.array([13812341234, None], dtype="Int64"), "n": [1, 2]}, index=[5, 5])
    table = privacy.mask(frame, {"mobile": "mobile"})
    assert table["mobile"].tolist()[0] == "138****1234"
    assert table["mobile"].isna().tolist() == [False, True]
    assert table.index.tolist() == [5, 5]
    assert str(table["mobile"].dtype) == "str"


def test_a_dropped_column_is_gone_and_the_order_of_the_others_stays():
    frame = pd.DataFrame({"name": ["王女士"], "email": ["a@example.com"], "n": [1]})
    assert privacy.mask(frame, {"email": "drop", "name": "name"}).columns.tolist() == ["name", "n"]


def test_an_unknown_rule_is_refused_with_the_list():
    with pytest.raises(
        CourseError, match=r"rule 'moblie' .* mobile, name, email, id_card, address, province, drop.*'mobile'"
    ):
        privacy.mask(pd.DataFrame({"x": ["1"]}), {"x": "moblie"})


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=8), min_size=1), st.binary(min_size=16, max_size=40))
def test_a_pseudonym_is_the_keyed_hash_of_the_text(values, key):
    result = privacy.pseudonymise(pd.Series(values, dtype=object), key)
    expected = [hmac.new(key, v.strip().encode(), hashlib.sha256).hexdigest()[:16] for v in values]
    assert result.tolist() == expected


def test_numbers_and_their_text_get_the_same_pseudonym():
    results = [
        privacy.pseudonymise(pd.Series([value]), KEY).iloc[0] for value in (12, "12", 12.0, np.int64(12))
    ]
    assert len(set(results)) == 1


def test_ids_of_nineteen_digits_stay_apart():
    ids = pd.Series([9007199254740993001, 9007199254740993002])
    assert privacy.pseudonymise(ids, KEY).nunique() == 2


def test_another_key_gives_other_pseudonyms_and_a_plain_hash_is_not_among_them():
    phones = pd.Series(["15412345678"])
    first, second = privacy.pseudonymise(phones, KEY), privacy.pseudonymise(phones, KEY[::-1])
    plain = hashlib.sha256(b"15412345678").hexdigest()
    assert first.iloc[0] != second.iloc[0]
    assert not plain.startswith(first.iloc[0])


def test_a_plain_hash_is_found_by_trying_all_numbers_and_a_pseudonym_is_not():
    secret = "15400004321"
    tried = [f"1540000{n:04d}" for n in range(10_000)]
    plain = {hashlib.sha256(number.encode()).hexdigest(): number for number in tried}
    assert plain[hashlib.sha256(secret.encode()).hexdigest()] == secret
    assert privacy.pseudonymise(pd.Series([secret]), KEY).iloc[0] not in {digest[:16] for digest in plain}


@pytest.mark.parametrize("key", ["short", b"fifteen bytes..", 1234567890123456, None])
def test_a_key_that_is_short_or_no_text_is_refused(key):
    with pytest.raises(CourseError, match="give at least 16"):
        privacy.pseudonymise(pd.Series(["1"]), key)


def test_a_frame_is_no_series():
    with pytest.raises(CourseError, match="a Series is needed, a DataFrame was given"):
        privacy.pseudonymise(pd.DataFrame({"x": [1]}), KEY)


people = st.lists(
    st.tuples(st.sampled_from(["F", "M", None]), st.sampled_from([1990, 1991, None])), min_size=1, max_size=30
)


@settings(max_examples=60, deadline=None)
@given(people, st.integers(1, 6))
def test_classes_are_counted_with_missing_as_a_value(rows, threshold):
    frame = pd.DataFrame(rows, columns=["gender", "birth_year"])
    sizes = [rows.count(kind) for kind in set(rows)]
    result = privacy.k_anonymity(frame, ["gender", "birth_year"], threshold=threshold)
    assert result.k == min(sizes)
    assert result.classes == len(sizes)
    assert result.rows_below == sum(size for size in sizes if size < threshold)
    assert result.share_below == result.rows_below / len(rows)
    assert result.table["rows"].sum() == len(rows)
    assert result.table["class_size"].tolist() == sorted(set(sizes))
    np.testing.assert_allclose(result.table["cumulative_share"].iloc[-1], 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1950, 2010), min_size=1, max_size=40), st.integers(1, 30))
def test_coarser_values_never_lower_k(years, width):
    frame = pd.DataFrame({"birth_year": years})
    coarse = privacy.generalise(frame, {"birth_year": width})
    assert privacy.k_anonymity(coarse, ["birth_year"]).k >= privacy.k_anonymity(frame, ["birth_year"]).k
    for year, band in zip(years, coarse["birth_year"], strict=True):
        low, high = map(int, band.split("-"))
        assert low <= year <= high == low + width - 1


def test_more_columns_never_raise_k():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({c: rng.integers(0, 4, 200) for c in "abc"})
    ks = [privacy.k_anonymity(frame, list("abc")[:n]).k for n in (1, 2, 3)]
    assert ks == sorted(ks, reverse=True)


def test_many_columns_of_many_values_do_not_overflow():
    frame = pd.DataFrame({f"c{n}": np.arange(1000) * 7 % 1000 for n in range(12)})
    assert privacy.k_anonymity(frame, frame.columns).classes == 1000


def test_an_empty_table_has_no_k():
    result = privacy.k_anonymity(pd.DataFrame({"a": []}), ["a"])
    assert result.k == 0
    assert np.isnan(result.share_below)


@pytest.mark.parametrize(
    ("quasi", "options", "message"),
    [([], {}, "quasi is empty"), (["b"], {}, "column 'b'"), (["a"], {"threshold": 0}, "threshold is 0")],
)
def test_k_anonymity_refuses_what_it_cannot_count(quasi, options, message):
    with pytest.raises(CourseError, match=message):
        privacy.k_anonymity(pd.DataFrame({"a": [1]}), quasi, **options)


def test_bands_of_amounts_name_their_open_upper_edge_and_gaps_stay():
    frame = pd.DataFrame({"spent": [0.2, 0.7, np.nan], "city": ["杭州", "宁波", "杭州"]})
    table = privacy.generalise(frame, {"spent": 0.5, "city": "drop"})
    assert table["spent"].iloc[:2].tolist() == ["0-0.5", "0.5-1"]
    assert table["spent"].isna().tolist() == [False, False, True]
    assert table.columns.tolist() == ["spent"]


@pytest.mark.parametrize("rule", ["decade", 0, -5, True, None])
def test_a_width_that_is_none_is_refused(rule):
    with pytest.raises(CourseError, match="give the width of a band"):
        privacy.generalise(pd.DataFrame({"birth_year": [1990]}), {"birth_year": rule})


def test_words_have_no_bands():
    with pytest.raises(CourseError, match="column 'city' holds str, not numbers"):
        privacy.generalise(pd.DataFrame({"city": ["杭州"]}), {"city": 10})


def test_nothing_is_changed_in_place():
    frame = pd.DataFrame({"name": ["王女士"], "birth_year": [1990]})
    before = frame.copy()
    privacy.mask(frame, {"name": "name"})
    privacy.pseudonymise(frame["name"], KEY)
    privacy.generalise(frame, {"birth_year": 10})
    privacy.k_anonymity(frame, ["name"])
    assert_frame_equal(frame, before)


PEOPLE = pd.DataFrame(
    {
        "city": ["杭州"] * 100 + ["宁波"] * 2,
        "bought": ["serum"] * 99 + ["test kit"] + ["mask"] * 2,
    }
)


def test_the_risk_of_being_found_is_one_over_the_size_of_the_class():
    result = privacy.k_anonymity(PEOPLE, ["city"])
    assert result.highest_risk == 1 / 2
    assert result.average_risk == 2 / 102
    empty = privacy.k_anonymity(PEOPLE.iloc[:0], ["city"])
    assert np.isnan([empty.highest_risk, empty.average_risk]).all()


def test_a_class_of_one_value_is_told_and_a_rare_second_value_hardly_counts():
    result = privacy.l_diversity(PEOPLE, ["city"], "bought")
    assert (result.l, result.entropy_l, result.rows_below) == (1, 1.0, 2)
    assert result.table["values"].tolist() == [1, 2]
    assert result.table["rows"].tolist() == [2, 100]
    hangzhou = privacy.l_diversity(PEOPLE[:100], ["city"], "bought")
    assert hangzhou.l == 2
    assert round(hangzhou.entropy_l, 2) == 1.06


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 3)), min_size=1))
def test_diversity_lies_between_one_and_the_size_of_a_class_and_is_what_a_group_by_counts(rows):
    frame = pd.DataFrame(rows, columns=["a", "b", "secret"])
    result = privacy.l_diversity(frame, ["a", "b"], "secret")
    assert result.l == frame.groupby(["a", "b"])["secret"].nunique().min()
    assert 1 <= result.entropy_l <= result.l + 1e-9
    assert result.l <= privacy.k_anonymity(frame, ["a", "b"]).k
    assert result.table["rows"].sum() == len(frame) == result.rows
    coarser = privacy.l_diversity(frame, ["a"], "secret")
    assert coarser.l >= result.l
