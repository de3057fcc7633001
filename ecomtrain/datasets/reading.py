"""Read the files of the public sets and give them the course's names and dtypes."""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa

from ecomtrain.datasets.fetching import Source, find, sources
from ecomtrain.errors import CourseError

__all__ = ["read_public"]

DAY = "datetime64[us]"
UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, pa.ArrowException)


def read_public(name: str, path: str | Path | None, folder: str | Path | None) -> pd.DataFrame:
    """Find a set, read it, and make sure that all of it is there."""
    source, form = sources()[name], FORMS[name]
    file = find(source, path, folder)
    again = f"Get it again from {source.url}" + (f", or delete {file}." if path is None else ".")
    try:
        raw = _raw(source, form, file)
        if raw.shape[1] < source.columns:
            raise ValueError(f"{raw.shape[1]} columns, not {source.columns}")
        frame = form.shape(raw)
    except UNREADABLE as problem:
        told = f"{type(problem).__name__}: {problem}".splitlines()[0]
        raise CourseError(
            f"{source.function}: {file} is damaged or holds something else ({told}). {again}"
        ) from problem
    if len(frame) != source.rows:
        raise CourseError(
            f"{source.function}: {file} gives {len(frame):,} rows, not {source.rows:,}: it was cut short or "
            f"is of another version. {again}"
        )
    if path is None and form.slow and file.suffix in (".xlsx", ".zip"):
        _keep(raw, file.with_name(source.files[0]))
    return frame


def _raw(source: Source, form: Form, file: Path) -> pd.DataFrame:
    if file.suffix.lower() == ".parquet":
        return pd.read_parquet(file)
    if file.suffix.lower() != ".zip":
        return _text_or_sheet(source, form, file, file.name)
    with zipfile.ZipFile(file) as packed:
        names = [name for name in packed.namelist() if Path(name).name == source.member]
        if not names:
            raise KeyError(f"there is no {source.member} in the zip")
        with packed.open(names[0]) as member:
            return _text_or_sheet(source, form, member, names[0])


def _text_or_sheet(source: Source, form: Form, file: Path | IO[bytes], name: str) -> pd.DataFrame:
    if not name.lower().endswith(".xlsx"):
        return form.read(file)
    try:
        import openpyxl  # noqa: F401
    except ImportError as problem:
        raise CourseError(
            f"{source.function}: reading {source.member} needs the package openpyxl: pip install openpyxl. "
            "Or save the sheet as CSV and give that file as path=."
        ) from problem
    return pd.read_excel(file, dtype=dict.fromkeys(["InvoiceNo", "StockCode", "Description", "Country"], str))


def _keep(raw: pd.DataFrame, target: Path) -> None:
    """Keep what was slow to read as Parquet; that it cannot be kept is no reason to fail."""
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    with suppress(OSError):
        raw.to_parquet(part)
        os.replace(part, target)


def _text(file: Path | IO[bytes]) -> pd.DataFrame:
    # The byte order mark that some copies begin with would become part of the first column's name.
    return pd.read_csv(file, encoding="utf-8-sig")


def _retail_text(file: Path | IO[bytes]) -> pd.DataFrame:
    kinds = dict.fromkeys(["InvoiceNo", "StockCode", "Description", "Country", "InvoiceDate"], str)
    try:
        return pd.read_csv(file, dtype=kinds, encoding="utf-8-sig")
    except UnicodeDecodeError:
        if not isinstance(file, Path):
            file.seek(0)
        return pd.read_csv(file, dtype=kinds, encoding="latin-1")  # the copies with pound signs


def _words(file: Path | IO[bytes]) -> pd.DataFrame:
    """Read blank-separated figures; a line of column names, or the end-of-file mark of DOS, is no figure."""
    text = (file.read_bytes() if isinstance(file, Path) else file.read()).decode("ascii")
    rows = [line.split() for line in text.splitlines()]
    return pd.DataFrame([row for row in rows if row and row[0].isdigit()])


def _lines(file: Path | IO[bytes]) -> pd.DataFrame:
    text = (file.read_bytes() if isinstance(file, Path) else file.read()).decode("utf-8")
    return pd.DataFrame({"basket": [line for line in text.splitlines() if line.strip()]})


def _retail(raw: pd.DataFrame) -> pd.DataFrame:
    quantity, price = raw["Quantity"].astype("int64"), raw["UnitPrice"].astype("float64")
    description = raw["Description"].astype("str").str.strip()
    return pd.DataFrame(
        {
            "order_id": raw["InvoiceNo"].astype("str"),
            "product_id": raw["StockCode"].astype("str"),
            "description": description.mask(description == ""),
            "quantity": quantity,
            "ts": _moments(raw["InvoiceDate"]),
            "unit_price": price,
            "amount": quantity * price,
            "customer_id": raw["CustomerID"].astype("float64").astype("Int64"),
            "country": raw["Country"].astype("str"),
        }
    )


def _moments(times: pd.Series) -> pd.Series:
    if times.dtype.kind == "M":
        return times.astype(DAY)
    american = times.str.match(r"\d{1,2}/\d{1,2}/\d{4}").all()
    return pd.to_datetime(times, format="%m/%d/%Y %H:%M" if american else "ISO8601").astype(DAY)


def _cdnow(names: list[str]) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def shape(raw: pd.DataFrame) -> pd.DataFrame:
        frame = raw.set_axis(names, axis=1)
        frame["ts"] = pd.to_datetime(frame["ts"], format="%Y%m%d").astype(DAY)
        whole = [name for name in names if name not in ("ts", "amount")]
        return frame.astype({**dict.fromkeys(whole, "int64"), "amount": "float64"})

    return shape


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _shoppers(raw: pd.DataFrame) -> pd.DataFrame:
    frame = raw.rename(columns=_snake).rename(columns={"revenue": "bought"})
    if not frame[["weekend", "bought"]].dtypes.eq("bool").all():
        raise ValueError("Weekend and Revenue hold more than TRUE and FALSE")
    counts = ["administrative", "informational", "product_related"]
    codes = ["operating_systems", "browser", "region", "traffic_type"]
    measures = [f"{name}_duration" for name in counts]
    measures += ["bounce_rates", "exit_rates", "page_values", "special_day"]
    kinds = dict.fromkeys(counts + codes, "int64") | dict.fromkeys(measures, "float64")
    return frame.astype({**kinds, "month": "str", "visitor_type": "str"})


def _attrition(raw: pd.DataFrame) -> pd.DataFrame:
    frame = raw.rename(columns=_snake).rename(columns={"employee_number": "employee_id"})
    frame[["attrition", "over_time"]] = frame[["attrition", "over_time"]] == "Yes"
    frame.insert(0, "employee_id", frame.pop("employee_id"))
    return frame


def _hillstrom(raw: pd.DataFrame) -> pd.DataFrame:
    told = ["mens", "womens", "newbie", "visit", "conversion"]
    return raw.astype({**dict.fromkeys(told, "bool"), "history": "float64", "spend": "float64"})


def _baskets(raw: pd.DataFrame) -> pd.DataFrame:
    goods = raw["basket"].str.split(",").explode().str.strip()
    frame = pd.DataFrame({"order_id": goods.index + 1, "product_id": goods.to_numpy()})
    return frame[frame["product_id"] != ""].astype({"order_id": "int64", "product_id": "str"})


@dataclass(frozen=True)
class Form:
    """How a set's file is read, and how its columns become the course's; `slow`: worth keeping as Parquet."""

    read: Callable[[Path | IO[bytes]], pd.DataFrame]
    shape: Callable[[pd.DataFrame], pd.DataFrame]
    slow: bool = False


FORMS = {
    "uci_online_retail": Form(_retail_text, _retail, slow=True),
    "cdnow": Form(_words, _cdnow(["customer_id", "ts", "quantity", "amount"])),
    "cdnow_sample": Form(_words, _cdnow(["customer_id", "sample_id", "ts", "quantity", "amount"])),
    "online_shoppers": Form(_text, _shoppers),
    "ibm_attrition": Form(_text, _attrition),
    "hillstrom": Form(_text, _hillstrom),
    "groceries": Form(_lines, _baskets),
}
