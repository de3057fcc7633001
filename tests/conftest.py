"""A shop small enough to count by hand, for any test that asks for `tables`."""

import os

import pandas as pd
import pytest
from hypothesis import settings

# Laws are tried on 30 cases where a test does not say otherwise; HYPOTHESIS_PROFILE=thorough tries 1,000.
settings.register_profile("usual", max_examples=30, deadline=None)
settings.register_profile("thorough", max_examples=1_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))

TZ = "Asia/Shanghai"


def _times(values):
    return pd.to_datetime(pd.Series(values, dtype="str"), format="ISO8601").dt.tz_localize(TZ)


def _sessions():
    rows = [
        (1, 101, 11, "2026-06-01 10:00:00", "search", "app", True),
        (2, 101, 11, "2026-06-10 10:00:00", "live", "app", False),
        (3, 102, 12, "2026-06-02 09:00:00", "search", "web", True),
        (4, 103, None, "2026-06-03 20:00:00", "feed", "app", True),
        (5, 104, 13, "2026-06-04 12:00:00", "live", "app", False),
        # Begins ten minutes before July and ends in it.
        (6, 104, 13, "2026-06-30 23:50:00", "direct", "app", False),
        (7, 105, 14, "2026-05-20 10:00:00", "feed", "web", True),
        # The first moment of July, which is no longer June.
        (8, 106, None, "2026-07-01 00:00:00", "search", "web", True),
    ]
    columns = ["session_id", "visitor_id", "customer_id", "started_at", "channel", "device", "is_new"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["started_at"] = _times(frame["started_at"])
    return frame.astype({"customer_id": "Int64"}).assign(shop="tea")


def _events(sessions):
    walks = {
        1: "0 view home, 10 view list, 30 view detail, 40 favourite detail, 50 cart detail, 60 view cart, "
        "70 checkout cart, 80 order checkout, 90 pay checkout",
        2: "0 view home, 12 view detail, 20 cart detail, 40 order checkout, 45 pay checkout",
        3: "0 view home",
        4: "0 view search, 5 view detail, 9 favourite detail",
        5: "0 view content, 30 view detail, 50 cart detail, 60 order checkout",
        6: "0 view home, 900 view detail",
        7: "0 view home, 8 view detail, 300 order checkout, 360 pay checkout",
        8: "0 view home",
    }
    rows = [
        (session, int(second), event, page)
        for session, walk in walks.items()
        for second, event, page in (step.split() for step in walk.split(", "))
    ]
    frame = pd.DataFrame(rows, columns=["session_id", "second", "event", "page"])
    frame = frame.merge(sessions[["session_id", "visitor_id", "started_at"]], on="session_id")
    frame["ts"] = frame.pop("started_at") + pd.to_timedelta(frame.pop("second"), unit="s")
    frame["element"] = pd.Series(pd.NA, frame.index, dtype="str")
    return frame.assign(shop="tea", event_id=range(len(frame)))


def _orders():
    rows = [
        (1, 11, 1, "2026-06-01 10:01:20", "2026-06-01 10:01:30", "paid", 110.0, 10.0, 110.0),
        (2, 11, 2, "2026-06-10 10:00:40", "2026-06-10 10:00:45", "paid", 60.0, 0.0, 60.0),
        (3, 12, None, "2026-06-02 12:00:00", "2026-06-02 12:05:00", "paid", 90.0, 10.0, 90.0),
        (4, 13, 5, "2026-06-04 12:01:00", None, "unpaid", 200.0, 0.0, 0.0),
        (5, 14, 7, "2026-05-20 10:05:00", "2026-05-20 10:06:00", "paid", 80.0, 10.0, 80.0),
        # Placed in June, paid in July.
        (6, 12, None, "2026-06-30 23:59:00", "2026-07-01 00:01:00", "paid", 40.0, 0.0, 40.0),
        (7, 15, None, "2026-05-05 10:00:00", "2026-05-05 10:01:00", "paid", 120.0, 20.0, 120.0),
    ]
    columns = [
        "order_id",
        "customer_id",
        "session_id",
        "ordered_at",
        "paid_at",
        "status",
        "amount",
        "shipping",
        "paid_amount",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    frame["ordered_at"], frame["paid_at"] = _times(frame["ordered_at"]), _times(frame["paid_at"])
    return frame.astype({"session_id": "Int64"}).assign(shop="tea", channel="search")


def _order_lines():
    rows = [
        (1, 1, "p1", 2, 50.0, 100.0, 30.0),
        (2, 1, "p3", 1, 0.0, 0.0, 2.0),  # a gift
        (3, 2, "p2", 3, 20.0, 60.0, 12.0),
        (4, 3, "p2", 4, 20.0, 80.0, 12.0),
        (5, 4, "p1", 4, 50.0, 200.0, 30.0),
        (6, 5, "p1", 1, 50.0, 50.0, 30.0),
        (7, 5, "p2", 1, 20.0, 20.0, 12.0),
        (8, 7, "p1", 2, 50.0, 100.0, 30.0),
        (9, 6, "p2", 2, 20.0, 40.0, 12.0),
    ]
    columns = ["line_id", "order_id", "product_id", "quantity", "unit_price", "amount", "unit_cost"]
    return pd.DataFrame(rows, columns=columns).assign(shop="tea", price_rule="list")


def _returns():
    rows = [
        (1, 7, 8, "p1", 1, 50.0, "2026-05-20 10:00:00"),
        # 36 days after payment: a refund of June, but late for the return rate.
        (2, 5, 6, "p1", 1, 50.0, "2026-06-25 10:00:00"),
        (3, 1, 1, "p1", 1, 50.0, "2026-06-15 10:00:00"),
    ]
    columns = ["return_id", "order_id", "line_id", "product_id", "quantity", "refunded_amount", "returned_at"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(returned_at=_times(frame["returned_at"]), shop="tea")


def _products():
    rows = [
        ("p1", "pot", 50.0, 30.0, "2024-01-01", "W1"),
        ("p2", "leaf", 20.0, 12.0, "2026-05-20", "W1"),
        ("p3", "leaf", 5.0, 2.0, "2024-01-01", "W2"),
        ("p4", "pot", 90.0, 50.0, "2024-01-01", "W2"),
        ("p5", "pot", 3.0, 1.0, "2024-01-01", "W2"),
    ]
    columns = ["product_id", "category", "list_price", "unit_cost", "launched_on", "warehouse"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(launched_on=pd.to_datetime(frame["launched_on"]), shop="tea")


def _inventory():
    start = {"p1": 10, "p2": 20, "p3": 5, "p4": 0, "p5": 8}
    received = {("p1", "2026-06-10"): 5}
    sold = {("p1", "2026-06-01"): 2, ("p3", "2026-06-01"): 1, ("p2", "2026-06-02"): 4}
    sold |= {("p2", "2026-06-10"): 3, ("p2", "2026-07-01"): 2}
    rows = []
    for product, stock in start.items():
        for date in pd.date_range("2026-05-31", "2026-07-01"):
            key = (product, f"{date:%Y-%m-%d}")
            rows.append((date, product, stock, received.get(key, 0), sold.get(key, 0)))
            stock += received.get(key, 0) - sold.get(key, 0)
    frame = pd.DataFrame(rows, columns=["date", "product_id", "opening", "received", "sold"])
    return frame.assign(closing=frame["opening"] + frame["received"] - frame["sold"], shop="tea")


@pytest.fixture(scope="session")
def untouched():
    """One shop's tables, for tests that see to it themselves that none is changed."""
    sessions = _sessions()
    return {
        "sessions": sessions,
        "events": _events(sessions),
        "orders": _orders(),
        "order_lines": _order_lines(),
        "returns": _returns(),
        "products": _products(),
        "inventory_daily": _inventory(),
    }


@pytest.fixture
def tables(untouched):
    """One shop's tables, fresh for each test; its June 2026 is counted out in test_metrics."""
    return {name: frame.copy() for name, frame in untouched.items()}


@pytest.fixture
def orders(tables):
    return tables["orders"]


@pytest.fixture
def events(tables):
    return tables["events"]


def pytest_terminal_summary(terminalreporter):
    """Count out loud the checks that did not run for want of real files or of other packages."""
    skipped = [report.nodeid for report in terminalreporter.stats.get("skipped", [])]
    folder = os.environ.get("ECOMTRAIN_REAL_DATA")
    reasons = {
        "real": f"{folder} lacks their files"
        if folder
        else "set ECOMTRAIN_REAL_DATA to the folder of the files",
        "peers": "make bench installs them in build/peers",
    }
    for kind, why in reasons.items():
        count = sum(node.startswith(f"tests/{kind}/") for node in skipped)
        if count:
            terminalreporter.write_line(f"{kind}: {count} checks skipped; {why}", yellow=True)
