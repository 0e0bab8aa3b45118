"""The rules of the house: what holds for every file, whatever it does."""

from __future__ import annotations

import ast
import gzip
import io
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import finmine

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "src" / "finmine").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

HEAVY = ("duckdb", "ibis", "pandas", "numpy", "pyarrow", "pm4py", "networkx", "scipy", "jinja2", "rich", "polars", "lxml", "importlib.metadata")
LONGEST = 350
FOLDERS = ("home", "root", "work", "tmp", "Users", "private", "mnt", "opt")  # where the folders of one machine lie
MACHINE_PATH = re.compile(rb"(?<![\w.<~-])/(?:" + "|".join(FOLDERS).encode() + rb")/\w|\b[A-Za-z]:\\{1,2}Users\\")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplemented" + r"Error)\b")

Documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _public(body: list[ast.stmt], inside: str = "") -> Iterator[tuple[str, Documented]]:
    """The public classes and functions of a file, and the public methods of its public classes."""
    for node in body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield f"{inside}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{node.name}.")


def _promised() -> set[str]:
    """The names of the methods that a protocol or a base class of the package documents for all who fulfil it."""
    classes = {
        node: {ast.unparse(base).split("[")[0] for base in node.bases}
        for path in SOURCES
        for node in _tree(path).body
        if isinstance(node, ast.ClassDef)
    }
    bases = set().union(*classes.values())
    promising = [node for node, above in classes.items() if "Protocol" in above or node.name in bases]
    return {method.name for node in promising for method in node.body if isinstance(method, ast.FunctionDef) and ast.get_docstring(method)}


def _tracked() -> list[Path]:
    """The files under version control; where there is none (a source archive), the files of the project's folders."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
        return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    folders = ("src", "tests", "docs", "notebooks", "bench", "sample_logs")
    inside = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return [*inside, *ROOT.glob("*.md"), *ROOT.glob("*.toml")]


def _contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file as they are, and unpacked where it is packed."""
    data = path.read_bytes()
    yield data
    if path.suffix == ".gz":
        yield gzip.decompress(data)
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def _modules(requirements: list[str]) -> set[str]:
    """The names by which required libraries are imported."""
    names = {re.split(r"[^\w-]", line)[0].replace("-", "_") for line in requirements}
    return {{"ibis_framework": "ibis", "vl_convert_python": "vl_convert"}.get(name, name) for name in names}


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param("import finmine", id="import"),
        pytest.param("from finmine.cli import main; sys.argv[1:] = ['--help']; main()", id="help"),
    ],
)
def test_nothing_heavy_is_loaded_to_say_hello(lines: str) -> None:
    """Importing finmine, and asking it for help, loads no library that takes long, nor reads the metadata of packages."""
    script = f"""
import atexit, json, sys
before = set(sys.modules)
atexit.register(lambda: print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr))
{lines}
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    loaded = set(json.loads(ran.stderr.splitlines()[-1]))
    assert "finmine" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_every_public_name_says_what_it_means() -> None:
    """Every file, public class, function and method has a docstring; a method may have it from its base class or protocol."""
    silent = [_named(path) for path in SOURCES if ast.get_docstring(_tree(path)) is None]
    promised = _promised()
    silent += [
        f"{_named(path)}: {name}"
        for path in SOURCES
        for name, node in _public(_tree(path).body)
        if ast.get_docstring(node) is None and not ("." in name and node.name in promised)
    ]
    assert not silent, "\n".join(silent)


def test_every_test_states_a_behaviour() -> None:
    """Every test has a docstring, wherever it is defined."""
    silent = [
        f"{_named(path)}: {node.name}"
        for path in TESTS
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_") and ast.get_docstring(node) is None
    ]
    assert not silent, "\n".join(silent)


def test_files_are_short_enough_to_be_read() -> None:
    """No file of the package is longer than 350 lines: a longer one holds more than one concept."""
    lengths = [(len(path.read_text(encoding="utf-8").splitlines()), _named(path)) for path in SOURCES]
    long = [f"{name}: {lines}" for lines, name in lengths if lines > LONGEST]
    assert not long, "\n".join(long)


def test_columns_are_dropped_one_at_a_time() -> None:
    """Several at once are a set, whose order in the SQL differs from process to process: a script, and a pack that holds it, would not be the same twice."""
    calls = (
        (path, node) for path in SOURCES for node in ast.walk(_tree(path)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )
    dropping = ((path, node) for path, node in calls if isinstance(node.func, ast.Attribute) and node.func.attr == "drop")
    assert not [(path.name, node.lineno) for path, node in dropping if len(node.args) != 1 or isinstance(node.args[0], ast.Starred)]


def test_a_word_has_one_meaning() -> None:
    """No column of a table stands twice in the glossary: the later of two would take the heading of the earlier."""
    pages = [path for path in SOURCES if path.name == "glossary.py" or path.name.endswith("_terms.py")]
    words = [word for path in pages for word in re.findall(r'^    "(\w+)": Term\(', path.read_text(encoding="utf-8"), re.MULTILINE)]
    assert len(words) > 300
    assert not {word for word in words if words.count(word) > 1}


def test_nothing_is_left_unfinished() -> None:
    """No file of the package or the tests holds a note of work still to be done."""
    found = [
        f"{_named(path)}:{number}"
        for path in [*SOURCES, *TESTS]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if UNFINISHED.search(line)
    ]
    assert not found, "\n".join(found)


def test_no_file_names_a_folder_of_one_machine() -> None:
    """No tracked file, packed or not, holds a path that exists only on the machine where it was made."""
    found = [f"{_named(path)}: {match[0]!r}" for path in _tracked() for data in _contents(path) if (match := MACHINE_PATH.search(data))]
    assert not found, "\n".join(found)


def test_the_version_is_said_once_and_the_same() -> None:
    """The version that finmine states is the version of the project."""
    assert finmine.__version__ == PROJECT["version"]


def test_what_is_imported_is_declared_and_the_other_way_round() -> None:
    """The package imports the libraries it depends on, all of them and no others; optional ones it may import."""
    nodes = [node for path in SOURCES for node in ast.walk(_tree(path))]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    imported = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"finmine"}
    needed = _modules(PROJECT["dependencies"]) - {"packaging", "sqlglot", "tzdata"}  # ibis and zoneinfo import these
    optional = _modules(PROJECT["optional-dependencies"]["polars"])
    assert imported - optional == needed
