"""The imports between the program's files, read from the source: those in functions and for types alone included."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
Graph = Mapping[str, set[str]]
"""By the name of a module, without `tuimove.`: what it imports of the program."""
STARTERS = ("import_module", "start_module")
"""Functions that import the module whose name they are given."""


def module_files() -> dict[str, Path]:
    """Return every file of the program by the name of its module, without `tuimove.`; kernels aside."""
    return {_module_name(path): path for path in sorted((ROOT / "tuimove").rglob("*.py"))}


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT / "tuimove").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_graph() -> dict[str, set[str]]:
    """Return what each module imports of the program, wherever in the file the import stands."""
    files = module_files()
    return {name: set(_imported(path, files)) - {name} for name, path in files.items()}


def _imported(path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        for name in _names_in(node):
            inside = name.removeprefix("tuimove").removeprefix(".")
            if (
                name.startswith("tuimove")
                and (found := inside if inside in known else inside.rpartition(".")[0]) in known
            ):
                yield found


def _names_in(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in STARTERS:
        yield from (str(word.value) for word in node.args[:1] if isinstance(word, ast.Constant))


def circles(graph: Graph) -> list[set[str]]:
    """Return the groups of modules that import one another, directly or by way of others."""
    found: list[set[str]] = []
    for module in graph:
        if not any(module in circle for circle in found):
            circle = {other for other in _reached(graph, module) if module in _reached(graph, other)}
            found += [circle] if circle else []
    return found


def _reached(graph: Graph, start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached
