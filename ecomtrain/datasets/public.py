"""Public data sets of real trade, read from a file, the user's cache or, once, the network."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ecomtrain.datasets.fetching import sources
from ecomtrain.datasets.reading import read_public

__all__ = [
    "fetch_cdnow",
    "fetch_cdnow_sample",
    "fetch_groceries",
    "fetch_hillstrom",
    "fetch_ibm_attrition",
    "fetch_online_shoppers",
    "fetch_uci_online_retail",
    "public_sets",
]


def public_sets() -> pd.DataFrame:
    """List the public sets, their size, licence and source.

    Returns
    -------
    DataFrame
        One row per set: ``function`` that reads it, ``title``, ``rows``, ``licence``, ``doi``, ``page``,
        ``url``, ``sha256``, ``verified`` (the day on which somebody opened page and address), ``citation``
        and ``known`` (what these statements rest on). Missing where it is not known.

    Examples
    --------
    >>> public_sets().loc["online_shoppers", ["licence", "doi"]].tolist()
    ['CC BY 4.0', '10.24432/C5F88Q']
    """
    told = [
        "function",
        "title",
        "rows",
        "licence",
        "doi",
        "page",
        "url",
        "sha256",
        "verified",
        "citation",
        "known",
    ]
    rows = {name: [getattr(source, key) for key in told] for name, source in sources().items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=told).rename_axis("set")


def fetch_uci_online_retail(
    path: str | Path | None = None, *, folder: str | Path | None = None
) -> pd.DataFrame:
    """Read the UCI Online Retail set: invoice lines of a British gift shop, with cancellations and gaps.

    Parameters
    ----------
    path : str or Path, optional
        The file (zip or xlsx from UCI, CSV or Parquet with the same columns), or a folder that holds it. By
        default the copy in the cache, which the first call downloads (24 MB).
    folder : str or Path, optional
        Another place for the cache than the user's own.

    Returns
    -------
    DataFrame
        One row per invoice line, 541,909 in file order: ``order_id`` (str; cancellations begin with C),
        ``product_id`` (str), ``description`` (str, may be missing), ``quantity`` (int64; below 0 for
        returns), ``ts`` (datetime, no zone, to the minute), ``unit_price`` (float64, GBP), ``amount``
        (float64, GBP: quantity times price), ``customer_id`` (Int64, missing for a quarter of the lines),
        ``country`` (str).

    Raises
    ------
    CourseError
        If the file is not there, cannot be read, is cut short or of another version, or cannot be fetched.

    Notes
    -----
    Most published figures are of the cleaned lines: no cancellations, quantity and price above 0, customer
    known. That leaves 397,884 lines. Postage, samples and bad debts are lines too, with product ids such as
    POST. Reading the workbook takes about a minute, once: the cache then keeps it as Parquet.

    References
    ----------
    .. [1] D. Chen (2015), Online Retail, UCI Machine Learning Repository, doi:10.24432/C5BW33, CC BY 4.0.

    Examples
    --------
    >>> fetch_uci_online_retail("nowhere.xlsx")
    Traceback (most recent call last):
        ...
    CourseError: fetch_uci_online_retail: there is no file or folder nowhere.xlsx. Check path=.
    """
    return read_public("uci_online_retail", path, folder)


def fetch_cdnow(path: str | Path | None = None, *, folder: str | Path | None = None) -> pd.DataFrame:
    """Read the CDNOW set: purchases of all 23,570 customers of one cohort over eighteen months.

    Parameters
    ----------
    path : str or Path, optional
        ``CDNOW_master.txt`` or its zip, or a folder that holds it. By default the copy in the cache, which
        the first call downloads.
    folder : str or Path, optional
        Another place for the cache than the user's own.

    Returns
    -------
    DataFrame
        One row per purchase, 69,659 in file order: ``customer_id`` (int64), ``ts`` (datetime, the day),
        ``quantity`` (int64, CDs), ``amount`` (float64, USD).

    Raises
    ------
    CourseError
        If the file is not there, cannot be read, is cut short or of another version, or cannot be fetched.

    Notes
    -----
    A customer can buy twice on one day; models of repeat buying count that day once. Some amounts are 0:
    leave those out of models of spending.

    References
    ----------
    .. [1] P. S. Fader and B. G. S. Hardie (2001), Interfaces 31(3), part 2 of 2, S94-S107.

    Examples
    --------
    >>> fetch_cdnow("nowhere.txt")
    Traceback (most recent call last):
        ...
    CourseError: fetch_cdnow: there is no file or folder nowhere.txt. Check path=.
    """
    return read_public("cdnow", path, folder)


def fetch_cdnow_sample(path: str | Path | None = None, *, folder: str | Path | None = None) -> pd.DataFrame:
    """Read the tenth of the CDNOW set that the papers use.

    Parameters
    ----------
    path : str or Path, optional
        ``CDNOW_sample.txt`` or its zip, or a folder that holds it. By default the copy in the cache, which
        the first call downloads.
    folder : str or Path, optional
        Another place for the cache than the user's own.

    Returns
    -------
    DataFrame
        One row per purchase, 6,919 in file order: ``customer_id`` (int64, as in `fetch_cdnow`), ``sample_id``
        (int64, 1 to 2,357), ``ts`` (datetime, the day), ``quantity`` (int64, CDs), ``amount`` (float64, USD).

    Raises
    ------
    CourseError
        If the file is not there, cannot be read, is cut short or of another version, or cannot be fetched.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie and K. L. Lee (2005), Marketing Science 24(2), 275-284.

    Examples
    --------
    >>> fetch_cdnow_sample("nowhere.txt")
    Traceback (most recent call last):
        ...
    CourseError: fetch_cdnow_sample: there is no file or folder nowhere.txt. Check path=.
    """
    return read_public("cdnow_sample", path, folder)


def fetch_online_shoppers(
    path: str | Path | None = None, *, folder: str | Path | None = None
) -> pd.DataFrame:
    """Read the Online Shoppers Purchasing Intention set: sessions, and whether they ended in a purchase.

    Parameters
    ----------
    path : str or Path, optional
        ``online_shoppers_intention.csv`` or UCI's zip, or a folder that holds it. By default the copy in the
        cache, which the first call downloads.
    folder : str or Path, optional
        Another place for the cache than the user's own.

    Returns
    -------
    DataFrame
        One row per session, 12,330 in file order. Pages seen and seconds on them: ``administrative``,
        ``informational``, ``product_related`` (int64), each with ``..._duration`` (float64).
        ``bounce_rates``, ``exit_rates`` (fractions, averages over the pages seen), ``page_values`` (average
        value of the pages seen), ``special_day`` (0 to 1), ``month``, ``visitor_type`` (str),
        ``operating_systems``, ``browser``, ``region``, ``traffic_type`` (int64 codes), ``weekend``,
        ``bought`` (bool; the file calls it Revenue).

    Raises
    ------
    CourseError
        If the file is not there, cannot be read, is cut short or of another version, or cannot be fetched.

    Notes
    -----
    The value of a page is computed from the purchases that followed it, so ``page_values`` knows part of the
    answer: a model with it looks far better (AUC .89) than one that could be used in time (.75).

    References
    ----------
    .. [1] C. Sakar and Y. Kastro (2018), UCI Machine Learning Repository, doi:10.24432/C5F88Q, CC BY 4.0.

    Examples
    --------
    >>> fetch_online_shoppers("nowhere.csv")
    Traceback (most recent call last):
        ...
    CourseError: fetch_online_shoppers: there is no file or folder nowhere.csv. Check path=.
    """
    return read_public("online_shoppers", path, folder)


def fetch_ibm_attrition(path: str | Path | None = None, *, folder: str | Path | None = None) -> pd.DataFrame:
    """Read the IBM HR attrition set: invented employees, and whether they left.

    Parameters
    ----------
    path : str or Path, optional
        ``WA_Fn-UseC_-HR-Employee-Attrition.csv`` under this or another name, or a folder that holds it. By
        default the copy in the cache, which the first call downloads.
    folder : str or Path, optional
        Another place for the cache than the user's own.

    Returns
    -------
    DataFrame
        One row per employee, 1,470 in file order: ``employee_id`` (int64), ``attrition``, ``over_time``
        (bool), and the other columns of the file in snake case, such as ``monthly_income`` (int64, USD a
        month), ``job_role`` (str), ``years_at_company`` (int64).

    Raises
    ------
    CourseError
        If the file is not there, cannot be read, is cut short or of another version, or cannot be fetched.

    Notes
    -----
    The employees are made up, and the file has no dates: the share who left is of no known period.
    ``employee_count``, ``over18`` and ``standard_hours`` are the same for all.

    References
    ----------
    .. [1] IBM, Employee Attrition Data, in IBM/employee-attrition-aif360; ODbL 1.0, contents DbCL 1.0.

    Examples
    --------
    >>> fetch_ibm_attrition("nowhere.csv")
    Traceback (most recent call last):
        ...
    CourseError: fetch_ibm_attrition: there is no file or folder nowhere.csv. Check path=.
    """
    return read_public("ibm_attrition", path, folder)


def fetch_hillstrom(path: str | Path | None = None, *, folder: str | Path | None = None) -> pd.DataFrame:
    """Read the MineThatData e-mail challenge: a randomised test of two e-mails against none.

    Parameters
    ----------
    path : str or Path, optional
        The CSV file, or a folder that holds it as ``hillstrom.csv`` or under its own name. By default the
        copy in the cache, which the first call downloads.
    folder : str or Path, optional
        Another place for the cache than the user's own.

    Returns
    -------
    DataFrame
        One row per customer, 64,000 in file order: ``recency`` (int64, months since the last purchase),
        ``history_segment`` (str), ``history`` (float64, USD spent in the year before), ``mens``, ``womens``
        (bool: bought such goods in that year), ``zip_code`` (str: kind of place), ``newbie`` (bool: new
        within the year), ``channel`` (str), ``segment`` (str: the arm, Mens E-Mail, Womens E-Mail or No
        E-Mail), ``visit``, ``conversion`` (bool) and ``spend`` (float64, USD) in the two weeks after.

    Raises
    ------
    CourseError
        If the file is not there, cannot be read, is cut short or of another version, or cannot be fetched.

    References
    ----------
    .. [1] K. Hillstrom (2008), The MineThatData E-Mail Analytics And Data Mining Challenge.

    Examples
    --------
    >>> fetch_hillstrom("nowhere.csv")
    Traceback (most recent call last):
        ...
    CourseError: fetch_hillstrom: there is no file or folder nowhere.csv. Check path=.
    """
    return read_public("hillstrom", path, folder)


def fetch_groceries(path: str | Path | None = None, *, folder: str | Path | None = None) -> pd.DataFrame:
    """Read the Groceries baskets: what was bought together at a grocery store.

    Parameters
    ----------
    path : str or Path, optional
        ``groceries.csv`` with one basket a line, or a folder that holds it. By default the copy in the cache,
        which the first call downloads.
    folder : str or Path, optional
        Another place for the cache than the user's own.

    Returns
    -------
    DataFrame
        One row per basket and group of goods, 43,367 in file order: ``order_id`` (int64, the line of the
        file, 1 to 9,835), ``product_id`` (str, the group, such as whole milk).

    Raises
    ------
    CourseError
        If the file is not there, cannot be read, is cut short or of another version, or cannot be fetched.

    Notes
    -----
    There are no quantities, prices, times or customers.

    References
    ----------
    .. [1] M. Hahsler, K. Hornik and T. Reutterer (2006), in From Data and Information Analysis to Knowledge
       Engineering, Springer, 598-605.

    Examples
    --------
    >>> fetch_groceries("nowhere.csv")
    Traceback (most recent call last):
        ...
    CourseError: fetch_groceries: there is no file or folder nowhere.csv. Check path=.
    """
    return read_public("groceries", path, folder)
