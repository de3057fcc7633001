"""The public sets: found, fetched once, checked, given the course's columns. No test leaves this machine."""

import hashlib
import threading
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pandas as pd
import pytest

from ecomtrain import datasets
from ecomtrain.datasets import fetching
from ecomtrain.datasets.fetching import sources
from ecomtrain.errors import CourseError

MASTER = (
    " customer_id  date number_of_cds  dollar_value\r\n"
    " 00001 19970101  1   11.77\r\n"
    " 00002 19970112  5   77.00\r\n"
)
RETAIL = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,HOLDER ,6,12/1/2010 8:26,2.55,17850.0,United Kingdom
C536379,D,,-1,12/13/2010 9:41,27.5,14527.0,EIRE
536414,22139,,56,12/1/2010 11:52,0,,France
"""
HILLSTROM = """\
recency,history_segment,history,mens,womens,zip_code,newbie,channel,segment,visit,conversion,spend
10,2) $100 - $200,142.44,1,0,Surburban,0,Phone,Womens E-Mail,0,0,0
6,3) $200 - $350,329.08,1,1,Rural,1,Web,No E-Mail,1,1,29.99
"""


class Answers(BaseHTTPRequestHandler):
    """Serve the bytes that a test has put at a path."""

    pages: dict = {}  # noqa: RUF012
    asked: list = []  # noqa: RUF012

    def do_GET(self):
        self.asked.append(self.path)
        if self.path not in self.pages:
            self.send_error(404)
            return
        content, length = self.pages[self.path]
        self.send_response(200)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def web():
    """Give a function that puts bytes at an address on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    Answers.pages, Answers.asked = {}, []

    def put(path, content, length="right"):
        Answers.pages[path] = (content, len(content) if length == "right" else length)
        return f"http://127.0.0.1:{server.server_port}{path}"

    yield put
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def known(monkeypatch):
    """Give a function that changes what the registry says of a set."""

    def change(name, **values):
        monkeypatch.setitem(sources(), name, replace(sources()[name], **values))

    return change


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    """Let no test reach the network or the user's own cache by mistake."""
    for name in sources():
        url = f"http://127.0.0.1:9/{name}"
        monkeypatch.setitem(sources(), name, replace(sources()[name], url=url, sha256=None, bytes=None))

    def own():
        raise AssertionError("the user's own cache was touched")

    monkeypatch.setattr(fetching, "cache_folder", own)


def zipped(path, **members):
    with zipfile.ZipFile(path, "w") as made:
        for name, text in members.items():
            made.writestr(name.replace("__", "."), text)
    return path.read_bytes()


def test_a_set_is_fetched_once_and_then_read_from_the_cache(web, known, tmp_path):
    content = zipped(tmp_path / "made.zip", CDNOW_master__txt=MASTER)
    url = web("/cdnow.zip", content)
    known("cdnow", url=url, rows=2, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
    first = datasets.fetch_cdnow(folder=tmp_path / "cache")
    second = datasets.fetch_cdnow(folder=tmp_path / "cache")
    pd.testing.assert_frame_equal(first, second)
    assert Answers.asked == ["/cdnow.zip"]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["CDNOW_master.zip"]


def test_by_default_the_cache_is_the_users_own(web, known, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "cache_folder", lambda: tmp_path / "own")
    known("groceries", url=web("/g.csv", b"milk,tea\nsoap\n"), rows=3)
    assert len(datasets.fetch_groceries()) == 3
    assert (tmp_path / "own" / "groceries.csv").is_file()


def test_the_users_own_cache_is_named_after_the_course(monkeypatch):
    monkeypatch.undo()
    assert fetching.cache_folder().parts[-2:] == ("ecomtrain", "data")


def test_a_wrong_checksum_keeps_nothing(web, known, tmp_path):
    known("groceries", url=web("/g.csv", b"<html>Sorry</html>"), sha256="0" * 64)
    with pytest.raises(
        CourseError, match=r"sent has the checksum [0-9a-f]{64}, not 0{64}, and was thrown away"
    ):
        datasets.fetch_groceries(folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_breaks_off_keeps_nothing(web, known, tmp_path):
    known("groceries", url=web("/g.csv", b"milk,tea\n", length=500))
    with pytest.raises(CourseError, match=r"g\.csv (broke off after 9 of 500 bytes|cannot be fetched)"):
        datasets.fetch_groceries(folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_download_without_a_length_is_held_against_the_known_size(web, known, tmp_path):
    known("groceries", url=web("/g.csv", b"milk,tea\n", length=None), bytes=500)
    with pytest.raises(CourseError, match="broke off after 9 of 500 bytes"):
        datasets.fetch_groceries(folder=tmp_path)
    known("groceries", url=web("/g.csv", b"milk,tea\n", length=None), bytes=None, rows=2)
    assert len(datasets.fetch_groceries(folder=tmp_path)) == 2


def test_a_page_that_is_gone(web, known, tmp_path):
    known("groceries", url=web("/g.csv", b"") + ".gone")
    with pytest.raises(
        CourseError, match=r"g\.csv\.gone cannot be fetched \(it answered 404\)\. Download it"
    ):
        datasets.fetch_groceries(folder=tmp_path)


@pytest.mark.parametrize("name", sorted(sources()))
def test_without_a_network_one_sentence_tells_address_and_place(name, tmp_path):
    function = getattr(datasets, f"fetch_{name}")
    place = tmp_path / sources()[name].files[-1]
    with pytest.raises(CourseError) as told:
        function(folder=tmp_path)
    assert str(told.value) == (
        f"fetch_{name}: http://127.0.0.1:9/{name} cannot be fetched (Connection refused). "
        f"Download it where there is a network and put it at {place}, "
        f"or call fetch_{name}(path=...) with the place where you keep it."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match=r"nothing can be written to .*file.*\. Give a folder of your own"):
        datasets.fetch_groceries(folder=tmp_path / "file" / "cache")


def test_a_path_is_a_file_or_the_folder_that_holds_it(known, tmp_path):
    known("cdnow", rows=2)
    file = tmp_path / "CDNOW_master.txt"
    file.write_text(MASTER)
    pd.testing.assert_frame_equal(datasets.fetch_cdnow(file), datasets.fetch_cdnow(str(tmp_path)))


def test_a_path_that_does_not_lead_anywhere(tmp_path):
    with pytest.raises(CourseError, match=r"fetch_cdnow: there is no file or folder .*x\.txt\. Check path="):
        datasets.fetch_cdnow(tmp_path / "x.txt")
    with pytest.raises(
        CourseError, match=r"holds none of CDNOW_master\.txt, CDNOW_master\.zip\. Download http.*put it there"
    ):
        datasets.fetch_cdnow(tmp_path)


@pytest.mark.parametrize(
    ("name", "file", "content", "told"),
    [
        ("cdnow", "m.zip", b"PK no zip", "BadZipFile"),
        ("cdnow", "m.txt", b"\x00\xff", "UnicodeDecodeError"),
        ("cdnow", "m.txt", b"", "0 columns, not 4"),
        ("cdnow", "m.txt", b"00001 1997-01-01 1 11.77\n", "ValueError"),
        ("uci_online_retail", "r.parquet", b"PAR1", "ArrowInvalid"),
        ("uci_online_retail", "r.csv", b"a,b\n1,2\n", "2 columns, not 8"),
        ("online_shoppers", "o.csv", b"", "EmptyDataError"),
        ("hillstrom", "h.csv", b"a,b,c,d,e,f,g,h,i,j,k,l\n", "KeyError"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path, name, file, content, told):
    path = tmp_path / file
    path.write_bytes(content)
    with pytest.raises(
        CourseError, match=rf"fetch_{name}: .*{file} is damaged or holds something else \(.*{told}"
    ):
        getattr(datasets, f"fetch_{name}")(path)


def test_a_zip_without_the_file(tmp_path):
    zipped(tmp_path / "CDNOW_master.zip", other__txt="")
    with pytest.raises(
        CourseError, match=r"there is no CDNOW_master\.txt in the zip.* Get it again from http"
    ):
        datasets.fetch_cdnow(tmp_path)


def test_a_file_cut_short_is_told_by_its_rows(tmp_path):
    (tmp_path / "CDNOW_master.txt").write_text(MASTER)
    with pytest.raises(
        CourseError, match=r"gives 2 rows, not 69,659: it was cut short or is of another version\."
    ):
        datasets.fetch_cdnow(tmp_path)
    with pytest.raises(CourseError, match=r"Get it again from http.*, or delete .*CDNOW_master\.txt\."):
        datasets.fetch_cdnow(folder=tmp_path)


def test_the_retail_set_reads_the_same_from_csv_zip_and_parquet(known, tmp_path):
    known("uci_online_retail", rows=3, member="retail.csv")
    file = tmp_path / "retail.csv"
    file.write_text(RETAIL)
    zipped(tmp_path / "retail.zip", retail__csv=RETAIL)
    stored = pd.read_csv(file, dtype={"InvoiceNo": str, "StockCode": str})
    stored["InvoiceDate"] = pd.to_datetime(stored["InvoiceDate"], format="%m/%d/%Y %H:%M")
    stored.to_parquet(tmp_path / "retail.parquet")
    found = datasets.fetch_uci_online_retail(file)
    assert found["order_id"].tolist() == ["536365", "C536379", "536414"]
    assert found["customer_id"].dtype == "Int64"
    assert found["description"].tolist()[0] == "HOLDER"
    assert found["description"].isna().tolist() == [False, True, True]
    assert found["ts"].dt.strftime("%Y-%m-%d %H:%M").tolist()[1] == "2010-12-13 09:41"
    assert found["amount"].round(2).tolist() == [15.3, -27.5, 0]
    for other in ("retail.zip", "retail.parquet"):
        pd.testing.assert_frame_equal(datasets.fetch_uci_online_retail(tmp_path / other), found)


def test_the_retail_csv_with_pound_signs_in_latin_1_reads_too(known, tmp_path):
    known("uci_online_retail", rows=3, member="retail.csv")
    path = tmp_path / "retail.csv"
    path.write_bytes(RETAIL.replace("HOLDER", "£1 HOLDER").encode("latin-1"))
    assert datasets.fetch_uci_online_retail(path)["description"][0] == "£1 HOLDER"
    with zipfile.ZipFile(tmp_path / "retail.zip", "w") as made:
        made.write(path, "retail.csv")
    assert datasets.fetch_uci_online_retail(tmp_path / "retail.zip")["description"][0] == "£1 HOLDER"


def test_the_workbook_is_kept_as_parquet_for_the_next_time(known, tmp_path):
    pytest.importorskip("openpyxl")
    known("uci_online_retail", rows=3)
    rows = [line.split(",") for line in RETAIL.splitlines()]
    sheet = pd.DataFrame(rows[1:], columns=rows[0]).replace("", None)
    sheet = sheet.astype({"Quantity": "int64", "UnitPrice": "float64", "CustomerID": "float64"})
    sheet["InvoiceDate"] = pd.to_datetime(sheet["InvoiceDate"], format="%m/%d/%Y %H:%M")
    # As in the original, invoice numbers without a letter are stored as numbers.
    sheet["InvoiceNo"] = [int(value) if value.isdigit() else value for value in sheet["InvoiceNo"]]
    sheet.to_excel(tmp_path / "Online Retail.xlsx", index=False)
    with zipfile.ZipFile(tmp_path / "online+retail.zip", "w") as made:
        made.write(tmp_path / "Online Retail.xlsx", "Online Retail.xlsx")
    (tmp_path / "Online Retail.xlsx").unlink()
    first = datasets.fetch_uci_online_retail(folder=tmp_path)
    assert first["order_id"].tolist() == ["536365", "C536379", "536414"]
    assert (tmp_path / "uci_online_retail.parquet").is_file()
    (tmp_path / "online+retail.zip").unlink()
    pd.testing.assert_frame_equal(datasets.fetch_uci_online_retail(folder=tmp_path), first)


def test_the_sample_has_both_numbers_of_a_customer(known, tmp_path):
    known("cdnow_sample", rows=1)
    (tmp_path / "CDNOW_sample.txt").write_text(" 00004 0001 19970101  2   29.33\r\n\x1a")
    found = datasets.fetch_cdnow_sample(tmp_path)
    assert found.iloc[0].tolist() == [4, 1, pd.Timestamp("1997-01-01"), 2, 29.33]
    assert found.dtypes.astype(str).tolist() == ["int64", "int64", "datetime64[us]", "int64", "float64"]


def test_hillstroms_marks_are_truths(known, tmp_path):
    known("hillstrom", rows=2)
    (tmp_path / "hillstrom.csv").write_text(HILLSTROM)
    found = datasets.fetch_hillstrom(tmp_path)
    assert found["conversion"].tolist() == [False, True]
    assert found["spend"].tolist() == [0, 29.99]
    assert found["segment"].tolist() == ["Womens E-Mail", "No E-Mail"]


def test_baskets_are_spread_to_one_row_per_group_of_goods(known, tmp_path):
    known("groceries", rows=4)
    (tmp_path / "groceries.csv").write_text("whole milk,cream cheese ,\nsoda\n\nrolls/buns\n")
    found = datasets.fetch_groceries(tmp_path)
    assert found["order_id"].tolist() == [1, 1, 2, 3]
    assert found["product_id"].tolist() == ["whole milk", "cream cheese", "soda", "rolls/buns"]


def test_the_registry_says_where_every_set_comes_from_and_under_which_terms(monkeypatch):
    monkeypatch.undo()
    table = datasets.public_sets()
    told = ["function", "title", "licence", "page", "url", "citation", "known"]
    assert table[told].notna().all(axis=None)
    assert table["url"].str.startswith(("https://", "http://www.minethatdata.com/")).all()
    # An address without https is acceptable only where a checksum guards the bytes.
    assert table.loc[~table["url"].str.startswith("https://"), "sha256"].notna().all()
    assert table["sha256"].dropna().str.fullmatch("[0-9a-f]{64}").all()
    assert all(hasattr(datasets, function) for function in table["function"])
