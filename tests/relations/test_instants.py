"""Instants on the clocks of UTC and of a zone."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.relations.instants import local, local_month, utc
from finmine.relations.units import units
from finmine.testing import Event, log
from finmine.words import DAY, moment

INSTANTS = st.integers(-30_000 * DAY, 24_000 * DAY)  # from 1887 to 2035


@settings(max_examples=15)
@given(instants=st.lists(INSTANTS, min_size=1, max_size=40), zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"]))
def test_clocks_show_what_the_tables_of_zones_say(instants: list[int], zone: str) -> None:
    """Microseconds become the time and month on the clocks of a zone, also before 1970 (oracle: zoneinfo)."""
    rows: list[Event] = [{"case": str(place), "activity": "a", "timestamp": instant} for place, instant in enumerate(instants)]
    read = log(rows)
    these = units(read)
    shown = these.select("time", there=utc(these.time), here=local(these.time, zone), month=local_month(these.time, zone))
    for instant, there, here, month in read.fetch(shown).tuples():
        expected = moment(int(str(instant)), zone).replace(tzinfo=None)
        assert isinstance(here, datetime)
        assert here == expected
        assert month == expected.strftime("%Y-%m")
        assert there == moment(int(str(instant))).replace(tzinfo=None)
