"""What set-up does about the parts of the system that only tests need: fetch them if it may, else say how."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "system.sh"
TOOLS = ("sh", "env", "ls")


class Machine:
    """A machine with only the given commands; what is called with which words is written down."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "bin"
        self._folder.mkdir()
        self._notes = folder / "calls"
        self._notes.touch()
        for name in TOOLS:
            (self._folder / name).symlink_to(shutil.which(name) or name)

    def has(self, name: str, does: str = "exit 0") -> None:
        path = self._folder / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>{self._notes}\n{does}\n')
        path.chmod(0o755)

    def set_up(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", SCRIPT], env={"PATH": str(self._folder)}, capture_output=True, text=True, timeout=20, check=False
        )

    @property
    def calls(self) -> list[str]:
        return [line for line in self._notes.read_text().splitlines() if line.startswith(("apt-get", "sudo"))]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.has("initdb")
    return made


def test_nothing_is_said_or_done_where_all_is_there(machine: Machine) -> None:
    machine.has("chromium")
    machine.has("apt-get")
    done = machine.set_up()
    assert (done.returncode, done.stdout, done.stderr, machine.calls) == (0, "", "", [])


def test_root_installs_what_is_missing(machine: Machine) -> None:
    machine.has("apt-get")
    machine.has("id", "echo 0")
    assert machine.set_up().returncode == 0
    assert machine.calls == [
        "apt-get install -y -q --no-install-recommends chromium fonts-noto-color-emoji",
    ]


def test_lists_are_brought_up_to_date_when_the_first_try_fails(machine: Machine) -> None:
    machine.has("apt-get", '[ "$1" = update ] || [ -e "$0.updated" ]; code=$?; : >"$0.$1d"; exit $code')
    machine.has("id", "echo 0")
    (done, calls) = (machine.set_up(), [one.split()[1] for one in machine.calls])
    assert (done.returncode, calls) == (0, ["install", "update", "install"])


@pytest.mark.parametrize("sudo", [None, "exit 1"], ids=["no sudo", "sudo wants a password"])
def test_who_may_not_install_is_told_how_in_one_sentence(machine: Machine, sudo: str | None) -> None:
    machine.has("apt-get")
    machine.has("id", "echo 1000")
    if sudo:
        machine.has("sudo", sudo)
    done = machine.set_up()
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert "sudo apt-get install chromium" in done.stderr
    assert not [one for one in machine.calls if one.startswith("apt-get")]


def test_a_failing_apt_does_not_fail_the_set_up(machine: Machine) -> None:
    machine.has("apt-get", "exit 100")
    machine.has("id", "echo 0")
    done = machine.set_up()
    assert (done.returncode, "sudo apt-get install" in done.stderr) == (0, True)
