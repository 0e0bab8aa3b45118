"""The performance spectrum: overtaking, batches and change of speed, in numbers and lines."""

from __future__ import annotations

import pytest
from tests.answers import SAMPLES, texts

import finmine
from finmine.analyses.performance_spectrum import performance_spectrum
from finmine.errors import OutOfRange
from finmine.filters.changes import NoSuchStep, UnreadableChange
from finmine.testing import ORIGIN, events, log
from finmine.view import Caveat, Headline, Prose, Spans
from finmine.words import DAY


def test_overtaking_and_leaving_together() -> None:
    """The first of four is overtaken by all others; three leave within a minute of each other."""
    read = log("i1: a@0h, b@10h\ni2: a@1h, b@2h\ni3: a@3h, b@599m 30s\ni4: a@4h, b@599m 59s")
    answer = performance_spectrum(read)
    (row,) = answer.records()
    assert (row["steps"], row["cases"], row["overtaken"], row["together"], row["leavings"]) == (4, 4, 1, 3, 1)
    assert performance_spectrum(read, together=0).records()[0]["together"] == 0
    assert texts(answer, Headline) == [
        "a → b: 25.0 % of 4 passages are overtaken by one that entered later, 75.0 % leave together with at least two others."
    ]
    spans = next(block for block in answer.view().blocks if isinstance(block, Spans))
    assert spans.slanted
    assert [str(cell)[0] for cell in spans.table.column("quarter")] == ["4", "1", "3", "2"]


def test_a_step_that_gets_slower_is_called_so_only_beyond_chance() -> None:
    """Of 60 cases the last third takes 5 h instead of 1 h: slower; with the same times throughout there is no change; with five cases nothing is said."""
    slower = "\n".join(f"i{case}: a@{case}h, b@{case + (5 if case >= 40 else 1)}h" for case in range(60))
    assert performance_spectrum(log(slower)).records()[0]["speed"] == "slower"
    assert "it got slower: half took 1 h or less at first, 5 h at last" in texts(performance_spectrum(log(slower)), Headline)[0]
    steady = "\n".join(f"i{case}: a@{case}h, b@{case + 1 + case % 3}h" for case in range(60))
    assert performance_spectrum(log(steady)).records()[0]["speed"] == "no change to speak of"
    assert performance_spectrum(log("i1: a@0h, b@1h\ni2: a@2h, b@9h")).records()[0]["speed"] is None


def test_a_placeholder_for_a_date_stretches_no_picture() -> None:
    """Of a case with a date of 1900 no line is drawn, and it chooses no step; asked for, its step is told."""
    sound = "\n".join(f"i{n}: a@{n}d, b@{n + 1}d, c@{n + 1}d 1h, d@{n + 1}d 2h, e@{n + 1}d 3h" for n in range(10))
    stray = [{"case": "bad", "activity": name, "timestamp": at} for name, at in (("x", ORIGIN - 45_000 * DAY), ("a", ORIGIN), ("b", ORIGIN + DAY))]
    read = log([*events(sound), *stray])
    answer = performance_spectrum(read)
    assert [(row["source_activity"], row["steps"]) for row in answer.records()] == [("a", 11), ("b", 10), ("c", 10)]
    assert len(answer.lines) == 30
    assert "but it is not drawn" in texts(answer, Caveat)[0]
    assert [row["steps"] for row in performance_spectrum(read, segment=("'x' -> 'a'",)).records()] == [1]


def test_segments_are_named_like_steps_of_changes() -> None:
    """Several segments in the order of their time; what no case takes, an activity alone and the ends of cases are none."""
    read = log("i1: a@0h, b@1h, c@9h\ni2: a@0h, c@2h")
    named = performance_spectrum(read, segment=("'a' -> 'c'", "'b' -> 'c'"))
    assert [(row["source_activity"], row["target_activity"]) for row in named.records()] == [("b", "c"), ("a", "c")]
    assert len(performance_spectrum(read).records()) == 3
    assert named.cases(1).rows.column("case") == ("i2",)
    for words, refusal in (("'c' -> 'a'", NoSuchStep), ("'a'", UnreadableChange), ("start -> 'a'", NoSuchStep)):
        with pytest.raises(refusal):
            performance_spectrum(read, segment=(words,))
    for asked in (0, 9999):
        with pytest.raises(OutOfRange):
            performance_spectrum(read, lines=asked)


def test_drawing_is_thinned_and_numbers_are_not() -> None:
    """With at most ten lines the picture holds ten and says so; every number is the same as with all lines."""
    read = log("\n".join(f"i{case}: a@{case}h, b@{case + 1 + case % 7}h" for case in range(40)))
    thin, whole = performance_spectrum(read, lines=10), performance_spectrum(read)
    assert thin.records() == whole.records()
    assert (len(thin.lines), len(whole.lines)) == (10, 40)
    assert "Of 40 passages 10 are drawn (at most 10 of a segment, by a draw with the seed 1)" in " ".join(texts(thin, Prose))


def test_groups_have_their_own_spectrum() -> None:
    """By vendor nobody is overtaken by a case of another vendor."""
    read = log("i1 {vendor=A}: a@0h, b@10h\ni2 {vendor=B}: a@1h, b@2h")
    assert performance_spectrum(read).records()[0]["overtaken"] == 1
    split = performance_spectrum(read, by="vendor")
    assert [(row["group"], row["steps"], row["overtaken"]) for row in split.records()] == [("A", 1, 0), ("B", 1, 0)]
    assert split.cases(1).rows.column("case") == ("i2",)


def test_an_empty_log_has_no_segments() -> None:
    """When filters keep no case there is nothing to see."""
    answer = performance_spectrum(log("i1: a@0h, b@1h").keep_cases(finmine.has_no("a")))
    assert answer.records() == ()
    assert answer.to_text()


def test_payment_runs_of_the_sample_end_together() -> None:
    """In the sample invoices payments leave in runs, approvals do not."""
    read = finmine.read(SAMPLES / "invoices.csv")
    answer = performance_spectrum(read, segment=("'Post invoice' -> 'Pay invoice'", "'Match invoice' -> 'Approve invoice'"))
    assert [row["together_share"] > 0.3 for row in answer.records()] == [True, False]
    assert answer.to_svg().startswith("<svg")
