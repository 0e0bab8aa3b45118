"""Deviations of the paths of compared cases from a model, as features of these paths: what is left out, what is done against it, and any of that."""

from __future__ import annotations

from pathlib import Path

from finmine.compared_cases import Compared, PathDeviations, numbers
from finmine.models.conformance import checked
from finmine.models.reference import reference
from finmine.models.told import Deviation
from finmine.relations.traces import spelled_traces, trace_labels

ANY = "any deviation from the model"
STATES, SECONDS = 100_000, 60.0
"""How many states the alignment of a path may take, and how long aligning may take in all, as in `conformance`."""


def path_deviations(compared: Compared, model: Path) -> PathDeviations:
    """Hold the path of each compared case against a BPMN or PNML file, those of most cases first."""
    import numpy as np

    log, cases = compared.log, compared.cases()
    counted = cases.group_by("path").aggregate(cases=cases.count())
    paths = log.fetch(counted.order_by([counted.cases.desc(), "path"]), 5_000_000)
    spelled = log.fetch(spelled_traces(log, cases.select(case="path").distinct()), 20_000_000)
    traces, order = trace_labels(spelled), numbers(paths, "path").tolist()
    held = reference(model).named_as(log.activity_names())
    told = checked(held, [(traces[path], False) for path in order], numbers(paths, "cases").tolist(), STATES, SECONDS) if order else ()
    features = {(path, name) for path, one in zip(order, told, strict=True) for each in one.deviations for name in (_said(each), ANY)}
    names = tuple(sorted({name for _, name in features}))
    rows = sorted((path, names.index(name)) for path, name in features)
    whole = np.array(rows, dtype=np.int64).reshape(-1, 2)
    untold = sum(int(many) for many, one in zip(numbers(paths, "cases").tolist(), told, strict=True) if one.how == "not told")
    return PathDeviations(spelled, whole[:, 0], whole[:, 1], names, held.name, untold)


def _said(one: Deviation) -> str:
    """A deviation wherever in the path it is."""
    match one.kind:
        case "on model":
            return f"{one.activity} left out"
        case "ends early":
            return "an end before that of the model"
        case _:
            return f"{one.activity} against the model"
