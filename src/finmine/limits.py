"""The limits of an engine: how much memory and how many threads it may use."""

from __future__ import annotations

import os
import re

from finmine.errors import Refusal


def default_memory() -> str:
    """Three quarters of the memory of the machine."""
    try:
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return "4GiB"
    return f"{max(1, pages * 3 // 4 >> 20)}MiB"


class BadMemory(Refusal):
    """A memory limit could not be read."""

    def __init__(self, given: str) -> None:
        super().__init__(f"the memory limit {given!r} cannot be read; write it like 4GiB or 800MiB.")


def sixty_percent(memory: str) -> str:
    """What of a memory limit DuckDB is told: it passes what it is told by a quarter to a half.

    Raises:
        BadMemory: the limit cannot be read.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT])i?B\s*", memory, re.IGNORECASE)
    if match is None:
        raise BadMemory(memory)
    mebibytes = float(match[1]) * {"K": 1 / 1024, "M": 1, "G": 1024, "T": 1024**2}[match[2].upper()]
    return f"{max(64, int(mebibytes * 0.6))}MiB"


class BadThreads(Refusal):
    """A number of threads could not be read."""

    def __init__(self, given: object) -> None:
        super().__init__(f"the number of threads {given!r} cannot be used; give a whole number from 1 (FINMINE_THREADS).")


def number_of_threads(given: int | str | None) -> int | None:
    """How many threads were asked for, if any.

    Raises:
        BadThreads: it is no whole number from 1.
    """
    if given is None or given == "":
        return None
    if not re.fullmatch(r"0*[1-9][0-9]{0,3}", str(given).strip()):
        raise BadThreads(given)
    return int(given)
