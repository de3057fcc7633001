"""Other packages as oracles: they run in an environment of their own, since most pin an older pandas.

``make bench`` makes it (build/peers); ECOMTRAIN_PEERS may name another Python that has them. Where neither is
there, or a package is missing in it, the check is skipped and counted.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

VARIABLE = "ECOMTRAIN_PEERS"
ABSENT = 77
CALL = """
import importlib, json, os, sys, warnings
warnings.simplefilter("ignore")
os.environ["RETENTIONEERING_NO_TRACK"] = "1"
for name in {packages!r}:
    try:
        importlib.import_module(name)
    except ImportError:
        sys.exit({absent})
given = json.loads(sys.stdin.read())
{code}
print("\\n" + json.dumps(result))
"""


def python():
    """Find the Python of the peers."""
    named = os.environ.get(VARIABLE)
    path = Path(named) if named else Path(__file__).parents[2] / "build" / "peers" / "bin" / "python"
    if named and not path.exists():
        pytest.fail(f"{VARIABLE} is {named}, which is not there")
    if not path.exists():
        pytest.skip(f"peers: {path} is not there; make bench makes it")
    return path


@pytest.fixture(scope="session")
def peer():
    """Give a function that runs code among the peers.

    ``peer("lifetimes", code, rows=[1, 2])`` imports the packages named first (several with commas), puts the
    keywords into a dict ``given`` and returns what the code leaves in ``result``; both must be JSON.
    """

    def run(packages, code, **given):
        names = [name.strip() for name in packages.split(",")]
        script = CALL.format(packages=names, absent=ABSENT, code=code)
        done = subprocess.run(
            [python(), "-c", script], input=json.dumps(given), capture_output=True, text=True, check=False
        )
        if done.returncode == ABSENT:
            pytest.skip(f"peers: {packages} is not installed among them")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run
