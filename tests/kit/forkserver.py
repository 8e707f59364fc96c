"""Starts `chimera` processes by forking from one that has imported everything already.

Importing takes two seconds of CPU, which the many real processes of a test run need not pay each. Speaks
JSON lines: an order on standard input, `{"id", "pid"}` and later `{"pid", "code"}` on standard output.
"""

import gc
import json
import os
import select
import signal
import sys
import traceback
from typing import Any, NoReturn

import bot.commands.checks
import bot.commands.documents
import bot.commands.headless
import bot.hub  # noqa: F401 - imported for the children
from bot import cli


def main() -> None:
    """Serve orders until standard input ends."""
    answers = os.dup(1)
    # Unbuffered, so that select sees all that is there to be read.
    orders = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - a descriptor, open for as long as we live
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    gc.collect()
    gc.freeze()
    _say(answers, {"ready": True})
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 512)
            _reap(answers)
        if 0 in ready:
            line = orders.readline()
            if not line:
                return
            order = json.loads(line)
            _say(answers, {"id": order["id"], "pid": _fork(order)})


def _say(answers: int, data: dict[str, Any]) -> None:
    os.write(answers, json.dumps(data).encode() + b"\n")


def _reap(answers: int) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _say(answers, {"pid": pid, "code": os.waitstatus_to_exitcode(status)})


def _fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    return pid or _child(order)


def _child(order: dict[str, Any]) -> NoReturn:
    """Become a `chimera` with the order's arguments, environment and files."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        for target, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, os.open(order["out"], flags, 0o600))):
            os.dup2(source, target)
        os.dup2(os.open(order["err"], flags, 0o600), 2)
        os.closerange(3, 32)
        os.environ.clear()
        os.environ.update(order["environment"])
        sys.argv = ["chimera", *order["arguments"]]
        code = _run()
    except BaseException:  # noqa: BLE001 - the child ends here, whatever it was
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run() -> int:
    try:
        cli.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    main()
