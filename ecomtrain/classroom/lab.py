"""JupyterLab on the course: opened on the chapters, nbgrader switched on, nothing fetched from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecomtrain.errors import CourseError, nearest

__all__ = ["Server", "lab", "prepare"]

ROLES = ("instructor", "trainee")
CHAPTERS = "notebooks"

# nbgrader ships every extension switched on for everybody; these belong to whoever runs the class.
INSTRUCTOR_SERVER = ("nbgrader.server_extensions.formgrader", "nbgrader.server_extensions.course_list")
INSTRUCTOR_LAB = ("formgrader", "course-list", "create-assignment")

# Formgrader's view of a notebook loads MathJax from a content network and takes no keyboard before MathJax
# has reported its end. A classroom may have no way out, so its template is told the end at once: formulas
# show as they were typed, and everything else works.
NO_MATHJAX = """\
{%- macro mathjax(url="") -%}
<script>
  window.MathJax = {Hub: {Startup: {signal: {Interest: (tell) => setTimeout(tell, 0, "End")}}}};
</script>
{%- endmacro -%}
"""


@dataclass(frozen=True)
class Server:
    """How to start one JupyterLab: the command, its environment, its folder."""

    command: list[str]
    env: dict[str, str]
    root: Path
    runtime: Path
    """Jupyter writes ``jpserver-<pid>.json`` here, with the address and the token, once it listens."""


def prepare(
    root: str | os.PathLike[str],
    *,
    port: int | None = None,
    browser: bool = True,
    role: str = "instructor",
) -> Server:
    """Write what JupyterLab needs under ``build/jupyter/`` of `root` and return how to start it.

    The reader's own Jupyter settings, kernels and start-up files stay out, so that the course looks the same
    everywhere. What is chosen in the settings editor is kept, until ``build/`` is removed.

    Parameters
    ----------
    root : path
        The course's folder (instructor) or the folder into which assignments are fetched (trainee).
        It holds ``nbgrader_config.py``.
    port : int, optional
        The port to listen on; 0 takes any free one. By default 8888, or the next free one.
    browser : bool, default True
        Open the browser.
    role : {"instructor", "trainee"}
        A trainee gets no formgrader, no course list and no *Create assignment*.

    Returns
    -------
    Server
        ``command``, ``env``, ``root`` (the working directory), ``runtime``.

    Raises
    ------
    CourseError
        If `role` or `port` is none of the above, or `root` is no folder with an ``nbgrader_config.py``.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> config = Path(folder.name, "nbgrader_config.py").write_text("")
    >>> server = prepare(folder.name, port=8899, browser=False)
    >>> server.command[1:3]
    ['-m', 'jupyterlab']
    >>> prepare(folder.name, role="teacher")
    Traceback (most recent call last):
        ...
    ecomtrain.errors.CourseError: lab: role is 'teacher'; give instructor or trainee.
    >>> folder.cleanup()
    """
    if role not in ROLES:
        raise CourseError(f"lab: role is '{role}'; give {' or '.join(ROLES)}.{nearest(role, ROLES)}")
    if port is not None and not 0 <= port <= 65535:
        raise CourseError(f"lab: port is {port}; give a number from 0 (any free port) to 65535.")
    root = Path(root).resolve()
    if not (root / "nbgrader_config.py").is_file():
        raise CourseError(
            f"lab: there is no nbgrader_config.py in {root}. Give the course's folder, "
            "or for a trainee the folder into which assignments are fetched."
        )
    home = root / "build" / "jupyter" / role
    folders = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    _write_config(folders["JUPYTER_CONFIG_DIR"], root, role)
    _write(folders["JUPYTER_DATA_DIR"] / "nbconvert/templates/formgrade/mathjax.html.j2", NO_MATHJAX)
    # nbgrader calls alembic by its name, so the environment's own programs come first.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    command = [sys.executable, "-m", "jupyterlab"]
    if not browser:
        command.append("--no-browser")
    if port is not None:
        # Who asks for a port wants that one or a refusal, not a neighbour.
        command += [f"--port={port}", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return Server(
        command=command,
        env={**os.environ, **{name: str(folder) for name, folder in folders.items()}, "PATH": path},
        root=root,
        runtime=folders["JUPYTER_RUNTIME_DIR"],
    )


def lab(
    root: str | os.PathLike[str],
    *,
    port: int | None = None,
    browser: bool = True,
    role: str = "instructor",
) -> int:
    """Run JupyterLab on the course until it is stopped; its exit code is this command's.

    Parameters are those of `prepare`, which also says what is written and what is refused.
    """
    server = prepare(root, port=port, browser=browser, role=role)
    if os.name != "posix":
        return subprocess.call(server.command, env=server.env, cwd=server.root)
    # In the place of this process: a signal reaches Jupyter itself, and no second process outlives it.
    os.chdir(server.root)
    os.execve(server.command[0], server.command, server.env)


def _write_config(config: Path, root: Path, role: str) -> None:
    """Write what JupyterLab and nbgrader read from the configuration folder."""
    teaches = role == "instructor"
    chapters = (root / CHAPTERS).is_dir()
    _write_json(
        config / "jupyter_server_config.json",
        {
            "ServerApp": {
                "ip": "127.0.0.1",
                "root_dir": str(root),
                "jpserver_extensions": dict.fromkeys(INSTRUCTOR_SERVER, teaches),
            }
        },
    )
    _write_json(
        config / "jupyter_lab_config.json",
        {
            "LabApp": {
                "default_url": f"/lab/tree/{CHAPTERS}" if chapters else "/lab",
                "news_url": None,
                # Versions are pinned by requirements.lock; the panel would ask the package index.
                "extension_manager": "readonly",
            }
        },
    )
    _write_json(
        config / "labconfig" / "default_setting_overrides.json",
        {
            "@jupyterlab/apputils-extension:notification": {
                "fetchNews": "false",
                "checkForUpdates": False,
                "doNotDisturbMode": True,
            },
        },
    )
    _write_json(
        config / "labconfig" / "page_config.json",
        {"disabledExtensions": {f"@jupyter/nbgrader:{name}": not teaches for name in INSTRUCTOR_LAB}},
    )
    if not teaches:
        # Without nbgrader's copy of what was handed in, feedback cannot be fetched: keep it out of build/.
        _write_json(config / "nbgrader_config.json", {"Exchange": {"cache": str(root / ".nbgrader_cache")}})


def _write_json(path: Path, content: dict[str, Any]) -> None:
    _write(path, json.dumps(content, indent=2) + "\n")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
