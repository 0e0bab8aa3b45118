"""The notebooks' looks: what stands under each cell is meant for people."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
RAW = re.compile(r"object at 0x|^\s*[\[{(<]|\w+\(\w+=|Traceback")
"""How values look that nobody dressed: addresses, lists and dictionaries, dataclasses."""


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_what_stands_under_each_cell_is_meant_for_people(path: Path) -> None:
    """A notebook runs; a value at the end of a cell is shown, and nothing looks like the inside of a program or is empty."""
    notebook: Any = nbformat.read(path, nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(FOLDER)}}).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells:
        assert cell.outputs or not isinstance(ast.parse(cell.source).body[-1], ast.Expr), cell.source
    outputs = [output for cell in cells for output in cell.outputs]
    for output in outputs:
        assert output.output_type in ("execute_result", "display_data", "stream")
        text = output.text if output.output_type == "stream" else output.data["text/plain"]
        assert text.strip()
        assert not RAW.search(text), text[:200]
        assert output.get("name") != "stderr", text
    _look_at("".join(output.data["text/html"] for output in outputs if output.output_type != "stream"))


def _look_at(shown: str) -> None:
    """There are tables and pictures, every table has a row, and every picture has a text in it."""
    tables, pictures = re.findall(r"<table.*?</table>", shown, re.DOTALL), re.findall(r"<svg.*?</svg>", shown, re.DOTALL)
    assert len(tables) > 10
    assert len(pictures) > 2
    assert all("<td" in table for table in tables)
    assert all("<text" in picture for picture in pictures)
    assert "object at 0x" not in shown
