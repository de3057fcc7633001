"""The folder of real files that ECOMTRAIN_REAL_DATA names; without it, the checks are skipped and counted."""

import os
from pathlib import Path

import pytest

VARIABLE = "ECOMTRAIN_REAL_DATA"


@pytest.fixture(scope="session")
def real():
    """Give a function that reads a public set from the folder of real files, or skips the check."""
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(f"real data: {VARIABLE} is not set")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"{VARIABLE} is {named}, which is no folder")

    from ecomtrain import datasets
    from ecomtrain.datasets.fetching import sources

    def read(name):
        files = sources()[name].files
        if not any((folder / file).is_file() for file in files):
            pytest.skip(f"real data: {folder} has no {' or '.join(files)}")
        return getattr(datasets, f"fetch_{name}")(folder)

    return read
