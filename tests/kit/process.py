"""Chimera as processes of their own: the one way to start them in tests."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 300


@dataclass
class Process:
    """A process that was started; `returncode` is None while it lives."""

    pid: int
    out: Path
    err: Path
    _ended: Mapping[int, int]

    @property
    def returncode(self) -> int | None:
        return self._ended.get(self.pid)

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)


class Launcher:
    """Starts processes with the help of `tests.kit.forkserver`; they die with it at the latest."""

    def __enter__(self) -> Self:
        self._answered = threading.Condition()
        self._pids: dict[int, int] = {}
        self._ended: dict[int, int] = {}
        self._ready = False
        self._numbers = itertools.count(1)
        command = [sys.executable, "-m", "tests.kit.forkserver"]
        self._server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self._listen, daemon=True).start()
        self._wait(lambda: self._ready)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        for pid in self._pids.values():
            if pid not in self._ended:
                os.kill(pid, signal.SIGKILL)
        self._server.wait()

    def start(self, arguments: list[str], environment: Mapping[str, str], out: Path, err: Path) -> Process:
        """Start `chimera` with exactly this environment; what it writes is appended to files."""
        number = next(self._numbers)
        order: dict[str, Any] = {"id": number, "arguments": arguments, "environment": dict(environment)}
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(order | {"out": str(out), "err": str(err)}).encode() + b"\n")
        self._server.stdin.flush()
        self._wait(lambda: number in self._pids)
        return Process(self._pids[number], out, err, self._ended)

    def _listen(self) -> None:
        assert self._server.stdout is not None
        for line in self._server.stdout:
            answer = json.loads(line)
            with self._answered:
                if "code" in answer:
                    self._ended[answer["pid"]] = answer["code"]
                elif "id" in answer:
                    self._pids[answer["id"]] = answer["pid"]
                self._ready = True
                self._answered.notify_all()
        self._server.stdout.close()

    def _wait(self, wanted: Any) -> None:
        with self._answered:
            assert self._answered.wait_for(wanted, _PATIENCE), "the fork server does not answer"
