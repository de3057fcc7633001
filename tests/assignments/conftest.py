"""The course's data, read once: the assignments load them anew in every hidden test."""

from functools import cache

import pytest

from ecomtrain import datasets


@pytest.fixture(scope="module", autouse=True)
def data_read_once():
    """Copies of one frame share their data until somebody writes (pandas' Copy-on-Write)."""
    read = cache(datasets.load)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "load", lambda name, **what: read(name, **what).copy(deep=False))
        yield
