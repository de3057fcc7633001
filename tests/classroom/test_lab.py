"""What `prepare` writes and refuses; that it works is shown in a browser, in tests/browser."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ecomtrain.classroom.lab import prepare
from ecomtrain.errors import CourseError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "nbgrader_config.py").touch()
    return tmp_path


def config(root: Path, role: str, name: str) -> dict:
    return json.loads((root / "build" / "jupyter" / role / "config" / name).read_text())


def test_a_role_that_is_none_is_named_with_those_there_are(root: Path) -> None:
    with pytest.raises(CourseError, match=r"role is 'trainer'; give instructor or trainee.*'trainee'"):
        prepare(root, role="trainer")


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_refused(root: Path, port: int) -> None:
    with pytest.raises(CourseError, match=f"port is {port}; give a number from 0"):
        prepare(root, port=port)


def test_a_folder_without_nbgraders_settings_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"no nbgrader_config\.py in"):
        prepare(tmp_path)
    with pytest.raises(CourseError, match=r"no nbgrader_config\.py in"):
        prepare(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_everything_is_written_under_build_and_jupyter_looks_there_only(root: Path) -> None:
    server = prepare(root)
    assert sorted(path.name for path in root.iterdir()) == ["build", "nbgrader_config.py"]
    for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        assert Path(server.env[f"JUPYTER_{name}"]).is_relative_to(root / "build" / "jupyter" / "instructor")
    assert server.env["PATH"].startswith(str(Path(sys.executable).parent))


def test_a_second_start_writes_the_same_again_and_keeps_what_the_reader_chose(root: Path) -> None:
    prepare(root)
    chosen = root / "build" / "jupyter" / "instructor" / "settings" / "theme.json"
    chosen.write_text("{}")
    before = config(root, "instructor", "jupyter_lab_config.json")
    prepare(root)
    assert config(root, "instructor", "jupyter_lab_config.json") == before
    assert chosen.read_text() == "{}"


def test_jupyterlab_opens_on_the_chapters_where_there_are_any(root: Path) -> None:
    def opens_on() -> str:
        prepare(root)
        return config(root, "instructor", "jupyter_lab_config.json")["LabApp"]["default_url"]

    assert opens_on() == "/lab"
    (root / "notebooks").mkdir()
    assert opens_on() == "/lab/tree/notebooks"


def test_only_a_trainees_server_has_the_instructors_panels_switched_off(root: Path) -> None:
    for role, on in (("instructor", True), ("trainee", False)):
        prepare(root, role=role)
        panels = config(root, role, "jupyter_server_config.json")["ServerApp"]["jpserver_extensions"]
        assert panels["nbgrader.server_extensions.formgrader"] is on
        disabled = config(root, role, "labconfig/page_config.json")["disabledExtensions"]
        assert disabled["@jupyter/nbgrader:formgrader"] is not on


def test_a_port_asked_for_is_that_port_or_none_and_a_browser_opens_unless_told_not_to(root: Path) -> None:
    command = prepare(root, port=9001, browser=False).command
    assert {"--port=9001", "--ServerApp.port_retries=0", "--no-browser"} <= set(command)
    assert not {"--no-browser", "--ServerApp.port_retries=0"} & set(prepare(root).command)
