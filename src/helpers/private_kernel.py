"""A kernel that nobody else on the machine can reach, and that leaves nothing behind."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from traitlets.config import Config

NO_OPEN_PORT = """
# Read by IPython before the kernel opens its sockets. ipykernel listens on a TCP port of this machine for what forked
# processes print; it does without where it gets no port, and no notebook of ours forks.
from ipykernel.iostream import IOPubThread

def _without_port(self):
    self._pipe_flag = False

IOPubThread._setup_pipe_in = _without_port
"""


@contextmanager
def private_kernel() -> Iterator[Config]:
    """Give a kernel a folder that only its owner can enter, gone afterwards, for all that it leaves on the disk.

    There lie its connection file and, where the platform has them, its sockets (elsewhere it talks over TCP). Its
    IPython starts without the user's own profile: no history of cells is kept, and no start-up file runs.
    yields: the configuration to start the kernel with, inside the block
    """
    config = Config()
    with tempfile.TemporaryDirectory(prefix="briefings-", ignore_cleanup_errors=True) as folder:
        config.KernelManager.connection_file = str(Path(folder) / "connection.json")
        config.NotebookClient.extra_arguments = ["--HistoryManager.enabled=False"]
        if os.name == "posix":
            config.KernelManager.transport = "ipc"
            # Left to itself jupyter_client names all sockets alike in the working folder, and two kernels would mix.
            config.KernelManager.ip = str(Path(folder) / "kernel")
            profile = Path(folder) / "profile_default"
            profile.mkdir()
            (profile / "ipython_kernel_config.py").write_text(NO_OPEN_PORT, encoding="utf-8")
        with _environment("IPYTHONDIR", folder):
            yield config


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set a variable for the processes started inside the block."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before
