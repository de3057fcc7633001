"""Least squares behind `fit_response`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit

from ecomtrain.analysis._curves import carried

__all__ = ["BETA", "DECAY", "HALF", "SLOPE", "Model"]

MOST_DECAY = 0.95
HALVES = np.log([0.02, 50.0])  # of the half, in mean spends
SLOPES = np.log([0.4, 5.0])
BETA, DECAY, HALF, SLOPE = range(4)  # order of what is fitted for each channel


class Model:
    """Least squares of sales, less what the base explains, on curves of spend in units of its mean."""

    def __init__(self, x: Any, y: Any, base: Any, keep: slice, slope: float | None) -> None:
        u, s, _ = np.linalg.svd(base, full_matrices=False)
        self.u = u[:, s > 1e-10 * s[0]]
        self.x, self.keep, self.slope = x, keep, slope
        y = y[keep]
        self.y = y - self.taken(y)
        self.size = float(np.sqrt(self.y @ self.y / len(y))) or 1.0
        self.fitted = [BETA, DECAY, HALF, *([SLOPE] if slope is None else [])]
        many = x.shape[1]
        steep = SLOPES if slope is None else np.log([slope, slope])
        low = np.column_stack(
            [np.zeros(many), np.zeros(many), np.full(many, HALVES[0]), np.full(many, steep[0])]
        )
        high = np.column_stack(
            [
                np.full(many, np.inf),
                np.full(many, MOST_DECAY),
                np.full(many, HALVES[1]),
                np.full(many, steep[1]),
            ]
        )
        self.low, self.high = low, high

    def taken(self, values: Any) -> Any:
        """Give what the base explains of `values`."""
        return self.u @ (self.u.T @ values)

    def curves(self, theta: Any) -> tuple[Any, Any]:
        """Hill curve and adstock of each channel (columns), in the rows that are fitted."""
        stock = np.column_stack(
            [
                carried(column, decay, True)[self.keep]
                for column, decay in zip(self.x.T, theta[:, DECAY], strict=True)
            ]
        )
        with np.errstate(divide="ignore"):
            return expit(np.exp(theta[:, SLOPE]) * (np.log(stock) - theta[:, HALF])), stock

    def error(self, theta: Any) -> Any:
        h, _ = self.curves(theta)
        total = h @ theta[:, BETA]
        return total - self.taken(total) - self.y

    def slopes(self, theta: Any) -> Any:
        """Give the derivatives of the error, one column per fitted number, channel by channel."""
        h, stock = self.curves(theta)
        s, beta = np.exp(theta[:, SLOPE]), theta[:, BETA]
        bend = beta * h * (1 - h)
        with np.errstate(divide="ignore", invalid="ignore"):
            steeper = np.where(stock > 0, bend * s * (np.log(stock) - theta[:, HALF]), 0.0)
            per_stock = np.where(stock > 0, bend * s / stock, 0.0)
        later = np.column_stack(
            [self._by_decay(c, d) for c, d in zip(self.x.T, theta[:, DECAY], strict=True)]
        )
        parts = {BETA: h, DECAY: per_stock * later, HALF: -bend * s, SLOPE: steeper}
        found = np.stack([parts[name] for name in self.fitted], axis=2).reshape(len(h), -1)
        return found - self.taken(found)

    def _by_decay(self, x: Any, decay: float) -> Any:
        """Give the derivative of the normalised adstock by its decay."""
        raw = carried(x, decay, False)
        return ((1 - decay) * carried(np.r_[0.0, raw[:-1]], decay, False) - raw)[self.keep]

    def solve(self) -> tuple[Any, Any]:
        """Return what fits best (channels by beta, decay, ln half, ln slope) and which of it is free."""
        from scipy.optimize import least_squares

        low, high = self.low[:, self.fitted].ravel(), self.high[:, self.fitted].ravel()

        def full(values: Any) -> Any:
            theta = self.low.copy()
            theta[:, self.fitted] = values.reshape(len(theta), -1)
            return theta

        found = [
            least_squares(
                lambda v: self.error(full(v)) / self.size, np.clip(start[:, self.fitted].ravel(), low, high),
                jac=lambda v: self.slopes(full(v)) / self.size, bounds=(low, high), x_scale="jac",
                ftol=1e-12, xtol=1e-12, gtol=1e-12, max_nfev=500,
            )
            for start in self._starts()
        ]  # fmt: skip
        best = min(found, key=lambda result: result.cost)
        theta = full(best.x)
        width = np.where(np.isfinite(self.high), self.high - self.low, self.size)
        at_edge = (theta - self.low < 1e-4 * width) | (self.high - theta < 1e-4 * width)
        free = ~at_edge & np.isin(np.arange(4), self.fitted)
        # What brings nothing has no curve: its other numbers are anything.
        return theta, free & free[:, [BETA]]

    def _starts(self) -> list[Any]:
        """Grid points, improved channel by channel with the best weights of 0 or above."""
        from scipy.optimize import nnls

        steep = np.log([1.0, 2.5]) if self.slope is None else [np.log(self.slope)]
        grid = np.array(
            [(0, d, k, s) for d in (0, 0.3, 0.6, 0.85) for k in np.log([0.3, 1, 3]) for s in steep]
        )
        many = self.x.shape[1]
        shapes = []
        for point in grid:
            h, _ = self.curves(np.tile(point, (many, 1)))
            shapes.append(h - self.taken(h))
        columns = np.stack(shapes, axis=1)  # rows, grid points, channels
        starts: dict[tuple[int, ...], Any] = {}
        for first in range(0, len(grid), max(1, len(grid) // 4)):
            at = [first] * many
            for channel in [*range(many)] * 2:
                tried = []
                for g in range(len(grid)):
                    at[channel] = g
                    tried.append(nnls(columns[:, at, range(many)], self.y)[1])
                at[channel] = int(np.argmin(tried))
            theta = grid[at].copy()
            theta[:, BETA] = np.maximum(nnls(columns[:, at, range(many)], self.y)[0], 0.01 * self.size)
            starts[tuple(at)] = theta
        return list(starts.values())
