"""A copy of the data that a test may damage."""

import shutil

import pytest

from ecomtrain import datasets


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """Give a copy of the data, laid out as in a clone, that `datasets` reads instead of the real one."""
    clone = tmp_path / "clone"
    shutil.copytree(datasets.folder(), clone / "data")
    monkeypatch.setattr(datasets, "__file__", str(clone / "ecomtrain" / "datasets" / "__init__.py"))
    return clone / "data"


@pytest.fixture
def installed(copy, monkeypatch):
    """Give the copy laid out as in an installed wheel."""
    package = copy.parent / "site-packages" / "ecomtrain"
    package.mkdir(parents=True)
    copy.rename(package / "_data")
    monkeypatch.setattr(datasets, "__file__", str(package / "datasets" / "__init__.py"))
    return package / "_data"
