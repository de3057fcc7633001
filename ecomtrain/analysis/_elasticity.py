"""How much the units sold answer to the price, with and without what else moves both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecomtrain.analysis._checks import plain, require_not_negative, require_one
from ecomtrain.errors import CourseError, require, require_level, require_numeric

__all__ = ["elasticity"]

ALONE, WITH = "price only", "with controls"
LEFT = 1e-9  # movement of the price, and share of it, below which only rounding is left


def elasticity(
    sales: pd.DataFrame,
    *,
    controls: Sequence[str] = (),
    by: str | None = None,
    cluster: str = "product_id",
    zeros: str = "drop",
    quantity: str = "quantity",
    price: str = "unit_price",
    level: float = 0.95,
) -> pd.DataFrame:
    """Price elasticity of demand (价格弹性): percent change of units for one percent change of the price.

    Parameters
    ----------
    sales : DataFrame
        One row per product and day or week: ``product_id``, `quantity` (units, 0 or above), `price` (money
        per unit, above 0), the `controls` and `cluster`.
    controls : sequence of str, default none
        Columns that move demand and go along with the price: a promotion or an advertisement (true or false),
        the logarithm of the traffic, the week. Text, categories and truth values get an effect for each
        value, numbers a straight line in ln units.
    by : str, optional
        A column to split by, such as ``"category"``.
    cluster : str, default "product_id"
        Rows that share this are not independent. With few products take the week.
    zeros : {"drop", "add"}, default "drop"
        Rows that sold nothing have no logarithm: leave them out, or add one unit to every row. Both pull the
        elasticity towards 0 where zeros are many; ``zero_share`` tells how many.
    quantity, price : str
        Columns of `sales`.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        Per group (``"all"`` without `by`) a row ``"price only"`` and, if there are controls, one
        ``"with controls"``: ``group``, ``model``, ``elasticity``, ``se``, ``low``, ``high``, ``n`` (rows
        used), ``products``, ``clusters``, ``zero_share`` (rows without a sale), ``price_left`` (share of the
        price's movement within products that the controls leave). NaN where the price does not move.

    Raises
    ------
    CourseError
        If a column is missing, a price is not above 0, `zeros` is another word, or two shops or currencies
        are mixed.

    Notes
    -----
    ln units = effect of each product + elasticity · ln price + controls, by least squares with standard
    errors that allow for clusters and t quantiles of clusters - 1 degrees of freedom [1]_. The effect of each
    product makes it compare a product with itself: across products the dear ones would seem to sell well.
    A price cut comes with a banner, and the banner sells too: without a control for it the price is given the
    credit of both. Where ``price_left`` is near 0, price and promotion cannot be told apart and no control
    helps. What is left can still mislead, for shops cut the price of what they expect to sell badly and
    raise it where demand is strong: prices set by lot tell for sure [2]_.

    References
    ----------
    .. [1] A. C. Cameron, D. L. Miller (2015), A practitioner's guide to cluster-robust inference, Journal of
       Human Resources 50(2), 317-372.
    .. [2] J. M. Villas-Boas, R. S. Winer (1999), Endogeneity in brand choice models, Management Science
       45(10), 1324-1338.

    Examples
    --------
    >>> i = np.arange(120)
    >>> sales = pd.DataFrame({"product_id": i % 6, "banner": i % 4 == 0})
    >>> sales["unit_price"] = np.where(sales["banner"], 8.0, 10.0) * (1 + i // 6 % 3 / 20) * (1 + i % 6)
    >>> sales["quantity"] = 5e4 * sales["unit_price"] ** -1.5 * np.where(sales["banner"], 1.4, 1)
    >>> found = elasticity(sales, controls=["banner"])
    >>> found[["model", "elasticity", "n", "clusters", "price_left"]].round(2)
               model  elasticity    n  clusters  price_left
    0     price only       -2.71  120         6        1.00
    1  with controls       -1.50  120         6        0.19
    >>> elasticity(sales.assign(unit_price=0.0))
    Traceback (most recent call last):
        ...
    CourseError: pricing.elasticity: column 'unit_price' is not above 0 in 120 row(s). Take gifts out first.
    """
    where = "pricing.elasticity"
    require_level(level, where)
    if zeros not in ("drop", "add"):
        raise CourseError(f"{where}: zeros is {zeros!r}; give 'drop' or 'add'.")
    controls = [controls] if isinstance(controls, str) else list(controls)
    columns = ["product_id", quantity, price, cluster, *controls, *([by] if by else [])]
    require(sales, columns, where)
    require_numeric(sales, [quantity, price], where)
    require_not_negative(sales, [quantity], where)
    require_one(sales, "shop", where)
    require_one(sales, "currency", where)
    rows = plain(sales[list(dict.fromkeys(columns))].dropna())
    wrong = int((rows[price] <= 0).sum())
    if wrong:
        raise CourseError(
            f"{where}: column '{price}' is not above 0 in {wrong} row(s). Take gifts out first."
        )
    if rows.empty:
        raise CourseError(f"{where}: no row is complete in {', '.join(map(repr, columns))}.")
    groups = rows.groupby(by) if by else [("all", rows)]
    found = [
        {"group": name, **row}
        for name, part in groups
        for row in _models(part, controls, cluster, zeros == "add", quantity, price, level)
    ]
    return pd.DataFrame(found)


def _models(
    rows: pd.DataFrame, controls: list[str], cluster: str, add: bool, quantity: str, price: str, level: float
) -> list[dict[str, Any]]:
    """Fit the elasticity of one group without and with controls."""
    sold = rows[quantity] > 0
    used = rows if add else rows[sold]
    product = used["product_id"]
    units = np.log(used[quantity].astype(float) + add)
    clusters, _ = pd.factorize(used[cluster])
    told = {
        **{"n": len(used), "products": product.nunique(), "clusters": len(set(clusters))},
        "zero_share": float(1 - sold.mean()),
    }
    y, x = (_within(values, product) for values in (units, np.log(used[price].astype(float))))
    more = _within(_columns(used[controls]), product)
    result = [{"model": ALONE, **_fit(y, x, more[:, :0], clusters, told["products"], level, told)}]
    if controls:
        result.append({"model": WITH, **_fit(y, x, more, clusters, told["products"], level, told)})
    return result


def _columns(controls: pd.DataFrame) -> pd.DataFrame:
    """Turn controls into numbers: text and truth values get a column for each value but one."""
    many = [name for name in controls if controls[name].dtype.kind not in "iuf"]
    parts = [controls.drop(columns=many).astype(float)]
    # By value in order, whatever the dtype: the order of rows or categories must not change what is left out.
    parts += [pd.get_dummies(controls[name], drop_first=True, dtype=float) for name in many]
    return pd.concat(parts, axis=1)


def _within(values: Any, product: pd.Series) -> Any:
    """Values less the mean of their product."""
    table = values.groupby(product.to_numpy()).transform("mean")
    return (values - table).to_numpy(dtype=float)


def _basis(columns: Any) -> Any:
    """Return columns at right angles that say the same, without the empty and the repeated ones."""
    from scipy.linalg import qr

    if not columns.size:
        return columns[:, :0]
    size = np.sqrt((columns**2).sum(axis=0))
    columns = columns[:, size > 1e-10] / size[size > 1e-10]
    if not columns.size:
        return columns
    basis, corner, _ = qr(columns, mode="economic", pivoting=True, check_finite=False)
    return basis[:, : len(corner)][:, np.abs(np.diag(corner)) > 1e-9]


def _fit(
    y: Any, x: Any, more: Any, clusters: Any, products: int, level: float, told: dict[str, Any]
) -> dict[str, Any]:
    """Elasticity with its interval, beside how much of the price's movement it rests on."""
    import statsmodels.api as sm

    more = _basis(more)
    power = float(x @ x)
    rest, y = (values - more @ (more.T @ values) for values in (x, y))
    left = float(rest @ rest) / power if np.abs(x).max(initial=0) > LEFT else np.nan
    nothing = {"elasticity": np.nan, "se": np.nan, "low": np.nan, "high": np.nan, **told, "price_left": left}
    free = len(y) - 1 - more.shape[1]
    if not left > LEFT or free <= products:
        return nothing
    # What the controls explain is taken out of both sides, which leaves the coefficient as it is.
    model = sm.OLS(y, rest, hasconst=True)
    if told["clusters"] < 2:
        return {**nothing, "elasticity": float(model.fit().params[0])}
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True)
    value, wider = float(fit.params[0]), float(np.sqrt((len(y) - 1) / free))  # for what was taken out
    se = float(fit.bse[0]) * wider
    low, high = (value + (end - value) * wider for end in map(float, fit.conf_int(alpha=1 - level)[0]))
    if not se > 1e-12:
        se = low = high = np.nan
    return {"elasticity": value, "se": se, "low": low, "high": high, **told, "price_left": left}
