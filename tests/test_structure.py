"""The architecture's rules, checked in fresh interpreters and in the source itself."""

from __future__ import annotations

import ast
import os
import re
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.import_graph import circles, import_graph
from tests.support.processes import run
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parent.parent
FLOORS = (
    ("errors",),
    ("settings",),
    ("training", "diagnosis"),
    ("recording",),
    ("runs", "reports"),
    ("experiments",),
    ("screen",),
    ("command_line",),
)
"""The rooms, from the lowest floor up."""
OWNER_OF_LIBRARY = {
    "plotext": "text_plots.py",
    "pyarrow": "exports.py",
    "scipy": "contenders.py",
}
"""The only file that may import a library."""
SOURCES = [path for folder in ("tuimove", "kernels", "presets") for path in sorted((ROOT / folder).rglob("*.py"))]

CORE = [path for path in SOURCES if path.parent.name != "presets" and not {"screen", "command_line"} & {*path.parts}]


def imported_by(module: str) -> set[str]:
    """Return the modules in memory after one was imported in a fresh interpreter."""
    script = f"import sys, {module}; print('\\n'.join(sys.modules))"
    done = run([sys.executable, "-c", script])
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def imports_of(path: Path) -> set[str]:
    """Return the absolute names that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    return names


LONG_FILES = {
    "kernels/epoch.py": "one epoch, read as one",
    "kernels/vectors.py": "every operation on explicit vectors, each beside its plain twin",
    "tuimove/screen/many_runs/grid.py": "one screen: a list and a chart of the same runs",
}
"""Files of more than 300 lines, and why."""


def test_the_listing_shows_nine_rooms_and_nothing_else() -> None:
    rooms = {room for floor in FLOORS for room in floor} - {"errors"}
    assert len(rooms) == 9
    files = [path.relative_to(ROOT / "tuimove") for path in (ROOT / "tuimove").rglob("*") if path.is_file()]
    shown = {path.parts[0] for path in files if "__pycache__" not in path.parts} - {"docs"}
    assert shown == {*rooms, "__init__.py", "__main__.py", "callbacks.py", "errors.py", "py.typed"}


def test_a_room_s_tests_are_called_after_what_they_test() -> None:
    """`tests/ROOM/test_NAME.py` is about `tuimove/ROOM/**/NAME.py`, or about a folder of that name."""
    rooms = {**{room: ROOT / "tuimove" / room for floor in FLOORS for room in floor}, "kernels": ROOT / "kernels"}
    tested = [(path, path.stem.removeprefix("test_")) for path in (ROOT / "tests").rglob("test_*.py")]
    of_rooms = [(rooms[path.parent.name], name) for path, name in tested if path.parent.name in rooms]
    assert [one for room, one in of_rooms if not [*room.rglob(f"{one}.py"), *room.rglob(f"{one}/__init__.py")]] == []


@pytest.mark.parametrize("path", sorted((ROOT / "tuimove").glob("*/**/__init__.py")), ids=lambda path: path.parent.name)
def test_a_room_says_what_it_is_in_one_docstring(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


def test_long_files_are_those_that_have_a_reason() -> None:
    long = {str(path.relative_to(ROOT)) for path in SOURCES if len(path.read_text().splitlines()) > 300}
    assert long == LONG_FILES.keys()


def test_no_module_carries_another_package_s_bare_name() -> None:
    assert not {"kernels", "presets"} & imported_by("tuimove.runs.session")


def test_reading_a_preset_imports_nothing_heavy() -> None:
    assert not {"numpy", "numba", "scipy", "textual"} & imported_by("tuimove.settings.preset_reading")


def test_the_first_frame_waits_for_nothing_heavy() -> None:
    assert not {"numba", "scipy", "plotext"} & imported_by("tuimove.screen.terminal")


def test_dask_is_an_extra_that_nothing_else_needs() -> None:
    assert "distributed" not in imported_by("tuimove.command_line.headless.many_runs")


def test_every_room_imports_only_rooms_on_lower_floors() -> None:
    """Imports in functions and those for types count, too."""
    floors = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
    for module, imported in import_graph().items():
        room = module.partition(".")[0]
        others = {one for one in imported if one.partition(".")[0] not in (room, "")}
        if room not in ("", "__main__", "callbacks"):
            assert [one for one in others if floors[one.partition(".")[0]] >= floors[room]] == [], module


def test_the_architecture_page_has_each_room_s_own_words() -> None:
    told = dict(re.findall(r"(?m)^- `(\w+)`: (.*)$", (ROOT / "tuimove" / "docs" / "architecture.md").read_text()))
    rooms = {path.parent.name: ast.parse(path.read_text()) for path in (ROOT / "tuimove").glob("*/__init__.py")}
    assert told == {room: ast.get_docstring(tree) for room, tree in rooms.items()}
    assert list(told) == [room for floor in FLOORS for room in floor if room != "errors"], "from the lowest floor up"


def test_no_modules_import_one_another() -> None:
    """Imports in functions and those for types count, too."""
    assert circles(import_graph()) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_respect_the_layers(path: Path) -> None:
    place, imported = path.relative_to(ROOT), imports_of(path)
    if place.parts[0] == "kernels":
        assert not any(name.partition(".")[0] == "tuimove" for name in imported), "kernels know nothing of the app"
    for library, owner in OWNER_OF_LIBRARY.items():
        assert place.name == owner or library not in {name.partition(".")[0] for name in imported}
    assert not {"kernels", "presets"} & {name.partition(".")[0] for name in imported}


@pytest.mark.parametrize("path", sorted((ROOT / "kernels").glob("*.py")), ids=lambda path: path.name)
def test_every_kernel_goes_through_the_one_decorator(path: Path) -> None:
    if path.name != "compilation.py":
        assert "njit" not in path.read_text()


def test_every_folder_with_code_is_packaged() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {path.parent.relative_to(ROOT) for path in SOURCES}
    moved = {source: name for name, source in settings["package-dir"].items()}
    named = {moved.get(str(folder), ".".join(folder.parts)) for folder in folders}
    assert named == set(settings["packages"])


def test_the_source_distribution_holds_all_that_the_tests_need() -> None:
    """Setuptools takes the `test_*.py` by itself, and nothing that they import or read.

    Bundles of recorded runs are large, and no test reads them.
    """
    words = (ROOT / "MANIFEST.in").read_text().splitlines()[1].split()
    files = [path for path in (ROOT / "tests").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    files = [path for path in files if path.suffix != ".zip"]
    assert words[:2] == ["recursive-include", "tests"]
    assert [path for path in files if not any(path.match(pattern) for pattern in words[2:])] == []


def test_kernels_run_without_compilation_too() -> None:
    """The kernel tests pass as plain Python, so that coverage and a debugger can look inside.

    It takes long because plain Python goes over every pixel by itself.
    """
    command = [sys.executable, "-m", "pytest", "-x", "-n", "0", ROOT / "tests" / "kernels"]
    done = run(command, cwd=ROOT, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, timeout=4 * PATIENCE)
    assert done.returncode == 0, done.stdout


def _words_in(path: Path) -> list[str]:
    """Return the strings of a file but for docstrings."""
    tree = ast.parse(path.read_text())
    nodes = list(ast.walk(tree))
    told = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    words = [node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in told]
    return [word for word in words if isinstance(word, str)]


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_front_ends_name_an_option_of_the_command_line(path: Path) -> None:
    """An error names the input that it is about; `command_line.main` adds its option. A whole string is an argument."""
    named = [word for word in _words_in(path) if re.search(r"(?<![\w-])--[a-z]", word)]
    assert [word for word in named if not re.fullmatch(r"--[a-z-]+=?", word) and ":root" not in word] == []
