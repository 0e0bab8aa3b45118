"""Desks: work waits there in a queue, and every second of its waiting has one cause."""

from __future__ import annotations

import numpy as np
import pytest

from finmine.sample.calendar import DAY, HOUR
from finmine.sample.desks import CLOSES, OPENS, Desk, Served

DAYS = np.array([day for day in range(19_723, 19_923) if (day + 3) % 7 < 5])
DESKS = {"queue": Desk(), "preferring": Desk(prefers="rank"), "three days": Desk(weekdays=(0, 1, 2)), "collecting": Desk(collects=(1, 3))}


def served(desk: Desk, seed: int) -> tuple[Served, np.ndarray]:
    """A hundred pieces of work at two desks, some of which can be begun only days after they came; and who does them."""
    rng = np.random.default_rng(seed)
    came = np.sort(rng.choice(DAYS[:40], 100) * DAY + rng.integers(6 * HOUR, 20 * HOUR, 100))
    ready = came + np.where(rng.random(100) < 0.3, rng.integers(0, 3 * DAY, 100), 0)
    user = rng.integers(0, 2, 100)
    return desk.serve(DAYS, came, ready, rng.random(100) * 0.3, user, rng.integers(0, 2, 100)), user


@pytest.mark.parametrize("name", DESKS)
@pytest.mark.parametrize("seed", range(5))
def test_causes_add_up_to_each_wait(name: str, seed: int) -> None:
    """No cause is below nought, and the five are the whole time from coming to beginning."""
    found, _ = served(DESKS[name], seed)
    assert all((seconds >= 0).all() for cause, seconds in found.causes.items() if cause != "extraneous" or name != "collecting")
    assert np.array_equal(np.sum(list(found.causes.values()), axis=0), found.begun - found.came)
    assert (found.begun >= found.came).all()


@pytest.mark.parametrize("name", DESKS)
def test_a_desk_does_one_thing_at_a_time_in_its_hours(name: str) -> None:
    """Nobody begins before the work before is done; work begins and ends while the desk is open."""
    found, user = served(DESKS[name], 1)
    for one in (0, 1):
        order = np.argsort(found.begun[user == one])
        begun, done = found.begun[user == one][order], found.done[user == one][order]
        assert (begun[1:] >= done[:-1]).all()
    assert {int(day + 3) % 7 for day in found.begun // DAY} <= set(DESKS[name].weekdays)
    assert (found.begun % DAY >= OPENS).all()
    if name != "collecting":
        assert (found.done % DAY <= CLOSES).all()


@pytest.mark.parametrize("name", ["queue", "preferring", "three days"])
def test_contention_is_what_the_user_did_for_others(name: str) -> None:
    """Second by second: while work waits, its user works for what came before (contention) or after (prioritisation), or the desk is closed, or idle."""
    found, user = served(DESKS[name], 2)
    for mine in range(0, 100, 9):
        others = [one for one in range(100) if user[one] == user[mine] and one != mine]
        spans = [
            (max(found.begun[one], found.came[mine]), min(found.done[one], found.begun[mine]), found.came[one] <= found.came[mine]) for one in others
        ]
        for cause, before in (("contention", True), ("prioritisation", False)):
            assert found.causes[cause][mine] == sum(max(end - begin, 0) for begin, end, earlier in spans if earlier == before)


def test_a_batch_waits_for_its_last_piece() -> None:
    """What came by Tuesday 15:00 is done then, one after the other; batching ends when the last of it has come."""
    monday = 19_723 * DAY
    came = np.array([monday + 9 * HOUR, monday + 10 * HOUR, monday + 2 * DAY])
    nobody = np.zeros(3, dtype=np.int64)
    found = Desk(collects=(1,)).serve(DAYS, came, came, np.full(3, 60 / (CLOSES - OPENS)), nobody, nobody)
    assert found.begun.tolist() == [monday + DAY + 15 * HOUR, monday + DAY + 15 * HOUR + 60, monday + 8 * DAY + 15 * HOUR]
    assert found.causes["batching"].tolist() == [HOUR, 0, 0]
    assert found.batch.tolist() == [2, 2, 1]
