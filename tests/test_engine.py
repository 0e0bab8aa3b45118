"""The engine keeps to itself: nothing of it is written among the answers."""

from __future__ import annotations

import gc
from pathlib import Path

import finmine
from finmine.engine import Engine
from finmine.testing import log


def test_no_progress_is_written_among_the_answers() -> None:
    """However long a query takes, the engine draws no bar into the output of a command."""
    assert Engine().value("SELECT current_setting('enable_progress_bar')") is False


def test_what_nobody_has_any_more_is_forgotten(tmp_path: Path) -> None:
    """The tables and files of a log go at the next reading once neither the log, nor one filtered from it, nor an answer about it is left."""
    (tmp_path / "log.csv").write_text("case,activity,timestamp\ni1,Create,2024-01-01\ni1,Pay,2024-01-02\n", encoding="utf-8")
    engine = Engine()

    def read() -> finmine.EventLog:
        return finmine.read(tmp_path / "log.csv", engine=engine)

    def held() -> tuple[int, int]:
        return engine.value("SELECT count(*) FROM information_schema.tables"), len(list(engine.folder.iterdir()))

    read()
    gc.collect()
    read()
    gc.collect()
    engine.sweep()
    assert held() == (0, 0)

    answer = finmine.variants(read().keep_cases(finmine.has("Pay")))
    gc.collect()
    engine.sweep()
    assert held() != (0, 0)
    assert len(answer.cases(0).records()) == 1


def test_what_a_kernel_returned_is_forgotten_with_the_answer() -> None:
    """Its table stays while the answer is there, and is gone at the next reading after that."""
    read = log("a: x@0h-1h/ann, y@2h-3h/bob")

    def returned() -> set[str]:
        read.engine.sweep()
        return {
            name for (name,) in read.engine.rows("SELECT table_name FROM information_schema.tables WHERE table_name SIMILAR TO '(enabled|path)_.*'")
        }

    gc.collect()
    before = returned()
    answer = finmine.enabling_path(read)
    assert len(returned() - before) == 2
    assert len(answer.cases(0).records()) == 1
    del answer
    gc.collect()
    assert returned() == before


def test_large_tables_are_kept_in_less_room() -> None:
    """What is in them is the same, and the memory that they take is less."""
    engine = Engine()
    engine.run("CREATE TABLE many AS SELECT range // 7 AS one, range % 5 AS other FROM range(20_000_000)")

    def memory() -> int:
        return int(engine.value("SELECT sum(memory_usage_bytes) FROM duckdb_memory()"))

    before, told = memory(), engine.rows("SELECT sum(one), sum(other), count(*) FROM many")
    engine.compress()
    assert memory() < before / 2
    assert engine.rows("SELECT sum(one), sum(other), count(*) FROM many") == told
