"""Kernels that are reached by socket files instead of ports.

Jupyter picks a kernel's five ports before the kernel binds them. Where many kernels start side by side, now
and then another one has taken a port in between, and the kernel dies before its first cell. Files in a folder
of the kernel's own have no rival, and nobody else on the machine can open them.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager

__all__ = ["PrivateKernelManager"]


class PrivateKernelManager(AsyncKernelManager):
    """Start a kernel whose sockets are files in a folder that lives as long as the kernel."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._sockets: tempfile.TemporaryDirectory[str] | None = None
        if os.name == "posix":
            self._sockets = tempfile.TemporaryDirectory(prefix="kernel-")
            self.transport, self.ip = "ipc", str(Path(self._sockets.name, "socket"))

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if self._sockets is not None and not restart:
            self._sockets.cleanup()

    cleanup_resources = _async_cleanup_resources
