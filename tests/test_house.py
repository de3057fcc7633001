"""What holds for the house as a whole."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "data/README.md",
    "autograde/README.md",
]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_to_a_file_that_is_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    absent = [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]
    assert not absent


def test_every_row_of_the_map_is_in_the_tree():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    block = text.split("```")[1]
    rows = re.findall(r"^( *)(\S+)  +\S", block, flags=re.MULTILINE)
    folder, absent = "", []
    for indent, name in rows:
        folder = folder if indent else (name if name.endswith("/") else "")
        if not (ROOT / (folder if indent else "") / name).exists():
            absent.append(name)
    assert len(rows) > 15
    assert not absent


def test_importing_the_package_loads_none_of_its_rooms():
    code = (
        "import sys, ecomtrain, ecomtrain.analysis\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'matplotlib', 'sklearn', 'nbgrader'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_room_that_is_not_there_is_an_attribute_error():
    import ecomtrain

    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = ecomtrain.nothing
    assert {"analysis", "plots", "datasets"} <= set(dir(ecomtrain))


def test_the_lock_pins_every_package_by_hash_and_names_no_index():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if "://" in line or line.startswith("--")]
    pins = [line for line in lines if re.match(r"[A-Za-z0-9]", line)]
    assert len(pins) > 100
    assert all("==" in pin and pin.endswith("\\") for pin in pins)


def test_the_lock_holds_every_package_that_the_project_asks_for():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    asked = [*project["project"]["dependencies"], *groups["test"], *groups["lint"], *groups["build"]]
    names = {re.match(r"[A-Za-z0-9-]+", line)[0] for line in asked}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not [name for name in names if f"\n{name}==" not in lock]
