# bench/harness/page.py: under which conditions figures were taken, and where they stand in docs/performance.md.
import datetime
import os
import re

from harness.server import ROOT

PAGE = ROOT / "docs" / "performance.md"


def load():
    return os.getloadavg()[0]


def conditions(rounds, load_before, settings):
    """One line: when, on what, with what, and what else the machine was doing."""
    cores = os.cpu_count()
    with open("/proc/cpuinfo") as file:
        found = re.search(r"model name\s*: (.*)", file.read())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    line = (f"{datetime.date.today()}, {cores} × {found[1] if found else os.uname().machine}, {memory:.0f} GiB, "
            f"Linux {os.uname().release.split('-')[0]}; median of {rounds} rounds, {settings}.")
    if load_before > cores / 4:
        line += (f" **Noisy: the machine had other work (load average {load_before:.1f} on {cores} cores before, "
                 f"{load():.1f} after).**")
    return line


def write(task, text):
    """Replaces the block of the task between its markers."""
    page = PAGE.read_text()
    block = re.compile(rf"(<!-- figures: {task} -->\n).*?(<!-- end of figures -->)", re.DOTALL)
    if not block.search(page):
        raise SystemExit(f"bench: docs/performance.md has no markers <!-- figures: {task} --> and "
                         "<!-- end of figures -->\n  add them where the figures belong")
    PAGE.write_text(block.sub(lambda found: f"{found[1]}{text}\n{found[2]}", page))
