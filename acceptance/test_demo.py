# acceptance/test_demo.py: make demo leaves nothing behind: after Ctrl-C at any moment, and after it was killed.
import os
import pathlib
import pty
import re
import signal
import subprocess

import pytest

from acceptance.harness.waiting import until

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("PLAIT_BUILD", ROOT / "build"))


class Terminal:
    """scripts/demo in a terminal of its own, with a build folder beside which no other demo runs."""

    def __init__(self, build):
        self.build = build
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.environ["PLAIT_BUILD"] = str(build)
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # who runs in the background was told to ignore it
            os.execv(ROOT / "scripts" / "demo", ["demo"])
        self.text = ""

    def read_until(self, wanted):
        while wanted not in self.text:
            self.text += os.read(self.terminal, 65536).decode()

    def press_ctrl_c(self):
        os.write(self.terminal, b"\x03")
        return self.exit_code()

    def exit_code(self):
        try:
            while True:
                self.text += os.read(self.terminal, 65536).decode()
        except OSError:  # the other end is closed
            return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


@pytest.fixture
def build(tmp_path):
    (tmp_path / "cmake").symlink_to(BUILD / "cmake")
    (tmp_path / "extension").symlink_to(BUILD / "extension")
    return tmp_path


def demo(build, *words):
    return subprocess.run([ROOT / "scripts" / "demo", *words], env=dict(os.environ, PLAIT_BUILD=str(build)), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def folder_of(build):
    return re.search(r"PLAIT_POSTGRES=(\S+)", demo(build, "env").stdout)[1]


def processes_of(folder):
    """Postgres' and the gateway's: both name the folder on their command lines."""
    return subprocess.run(["pgrep", "-f", f"{folder}[/ ]"], stdout=subprocess.PIPE).stdout.split()


def nothing_is_left(build, folder):
    assert not os.path.exists(folder) and processes_of(folder) == []
    assert "none is running" in demo(build, "env").stdout


def test_ctrl_c_takes_all_of_it_away_and_a_second_one_is_told_of_the_first(build):
    terminal = Terminal(build)
    terminal.read_until("plait set album")
    folder = folder_of(build)
    assert len(processes_of(folder)) > 1
    second = demo(build)
    assert second.returncode != 0 and "running already" in second.stdout and "scripts/demo env" in second.stdout
    assert terminal.press_ctrl_c() == 0
    nothing_is_left(build, folder)


def test_ctrl_c_while_it_starts_leaves_nothing(build):
    terminal = Terminal(build)
    folders = until(lambda: started_by(terminal.process), "Postgres is being started")
    assert terminal.press_ctrl_c() == 0
    for folder in folders:
        nothing_is_left(build, folder)


def started_by(process):
    """Folders of servers whose private-postgres is a child of this process."""
    children = subprocess.run(["pgrep", "-P", str(process)], stdout=subprocess.PIPE, text=True).stdout.split()
    found = []
    for child in children:
        grandchildren = subprocess.run(["pgrep", "-a", "-P", child], stdout=subprocess.PIPE, text=True).stdout
        found += re.findall(r"(/tmp/plait-postgres-\w+)/", grandchildren)
    return set(found)


def test_what_a_killed_demo_left_is_taken_away_by_the_next(build):
    terminal = Terminal(build)
    terminal.read_until("plait set album")
    left = folder_of(build)
    os.kill(terminal.process, signal.SIGKILL)
    terminal.exit_code()
    assert processes_of(left)
    following = Terminal(build)
    following.read_until("plait set album")
    assert not os.path.exists(left) and processes_of(left) == []
    folder = folder_of(build)
    assert following.press_ctrl_c() == 0
    nothing_is_left(build, folder)
