"""README and the pages in `tuimove/docs` beside what they tell of: commands, flags, limits, files, links."""

from __future__ import annotations

import importlib.util
import re
import shlex
from argparse import SUPPRESS, _SubParsersAction
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from tuimove.command_line.flags import Parser
from tuimove.command_line.main import build_parser
from tuimove.diagnosis.full_batch import rules as full_batch
from tuimove.diagnosis.mini_batch import rules as mini_batch
from tuimove.settings.limits import DiagnosisKeys
from tuimove.settings.pages import page_summary, shipped_pages

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "tuimove" / "docs").iterdir())]
TOPICS = {
    "commands", "dashboard", "runs", "diagnosis", "presets", "experiments", "reports", "records", "performance",
    "architecture", "contributing", "recorder",
}  # fmt: skip
COLUMNS, README_LINES, GLOSSARY_WORDS = 120, 130, 15
SHORT_FLAGS = {"-q", "-h"}
CONTROL = {"&&", ";", "|"}
"""What stands between two commands of a shell line."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def commands() -> dict[str, Parser]:
    """Return the parser of every command."""
    (action,) = [action for action in build_parser()._actions if isinstance(action, _SubParsersAction)]
    return dict(action.choices)


def flags_of(parser: Parser) -> set[str]:
    """Return every option string of a parser that its help shows, without `-h` and `--help`."""
    shown = {flag for action in parser._actions if action.help != SUPPRESS for flag in action.option_strings}
    return shown - {"-h", "--help"}


def sections(text: str) -> dict[str, str]:
    """Return the text under each heading of the second level."""
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in re.split(r"(?m)^## ", text)[1:]}


def flags_in(text: str) -> set[str]:
    """Return the options that a text speaks of."""
    return {flag for flag in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text) if flag[1] == "-" or flag in SHORT_FLAGS}


def shell_blocks(text: str) -> Iterator[str]:
    """Yield every line of the shell in a page, without a prompt."""
    for block in re.findall(r"(?ms)^```sh\n(.*?)^```", text):
        yield from block.splitlines()
    yield from re.findall(r"(?m)^\$ (.*)", text)


def called(line: str, program: str) -> Iterator[list[str]]:
    """Yield the arguments of each call of a program in a line of the shell."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    calls: list[list[str]] = [[]]
    for word in words:
        if word in CONTROL:
            calls.append([])
        else:
            calls[-1].append(word)
    for call in calls:
        if call and Path(call[0]).name == program:
            yield call[1 : call.index(">") if ">" in call else None]


def inline_calls(text: str, program: str) -> list[str]:
    """Return what is said in the middle of a sentence to be called."""
    return re.findall(rf"`{re.escape(program)} ([^`]*)`", re.sub(r"(?ms)^```.*?^```", "", text))


def test_every_subject_has_a_page() -> None:
    assert set(shipped_pages()) == TOPICS
    assert [path.suffix for path in PAGES[1:]] == [".md"] * len(TOPICS)


@each_page
def test_pages_have_a_title_and_a_sentence_and_fit_a_window(page: Path) -> None:
    title, empty, *_ = lines = page.read_text(encoding="utf-8").splitlines()
    assert title.startswith("# ")
    assert empty == ""
    assert [line for line in lines if len(line) > COLUMNS] == []
    if page != README:
        assert page_summary(page.read_text()).endswith(".")
        assert page.read_text().isascii(), "for terminals without Unicode"


def test_the_readme_is_short_and_names_every_page() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= README_LINES
    assert set(re.findall(r"\]\(tuimove/docs/(\w+)\.md\)", text)) == TOPICS
    for marker in ("<!-- the main job -->", "<!-- the tests -->"):
        assert f"{marker}\n```sh\n" in text


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            name, _, anchor = target.partition("#")
            aim = page.parent / name
            assert aim.is_file(), target
            headings = [re.sub(r"\W+", "-", line.lstrip("# ").lower()) for line in aim.read_text().splitlines()]
            assert not anchor or anchor in headings, target


@each_page
def test_every_command_in_the_pages_is_one(page: Path) -> None:
    text, parser = page.read_text(encoding="utf-8"), build_parser()
    given = [call for line in shell_blocks(text) for call in called(line, "tuimove")]
    for arguments in given:
        assert parser.parse_known_args(arguments)[1] == [], arguments
    for words in inline_calls(text, "tuimove"):
        first = words.split()[0]
        assert first in ("COMMAND", "--version", "--help") or first in commands(), words
        assert flags_in(words) <= {"--help", "--version"} | flags_of(commands().get(first, parser)), words


@each_page
def test_every_module_that_is_to_be_run_exists(page: Path) -> None:
    for words in inline_calls(page.read_text(encoding="utf-8"), "python -m"):
        name = words.split()[0]
        spec = importlib.util.find_spec(name)
        assert spec is not None, words
        assert spec.submodule_search_locations is None or importlib.util.find_spec(f"{name}.__main__"), words


@each_page
def test_every_file_that_is_named_exists(page: Path) -> None:
    names = re.findall(r"`((?:tuimove|tests|kernels|presets|\.ci)/[\w./-]*)`", page.read_text(encoding="utf-8"))
    assert [name for name in names if not (ROOT / name).exists() and "ROOM" not in name] == []


@pytest.mark.parametrize("command", commands())
def test_the_commands_page_has_the_flags_that_a_command_takes_and_no_others(command: str) -> None:
    text = shipped_pages()["commands"]
    told, common = sections(text)[command], flags_in(text.split("\n## ")[0])
    table = flags_in("\n".join(line.split("|")[1] for line in told.splitlines() if line.startswith("| `")))
    assert table == flags_of(commands()[command])
    assert flags_of(build_parser()) <= common | {"--version"}
    assert ("--fps" in table) == ("as above" in told)


def test_the_commands_page_knows_no_flag_that_no_command_takes() -> None:
    known = {flag for parser in (build_parser(), *commands().values()) for flag in flags_of(parser)}
    assert flags_in(shipped_pages()["commands"]) - {"-h", "--help"} <= known


def test_every_limit_is_spelled_out_with_its_default() -> None:
    told = re.findall(r"(?m)^- `(\w+)` = ([\d.]+): \w", shipped_pages()["diagnosis"])
    assert len(told) == len(dict(told))
    assert {name: float(value) for name, value in told} == {key.name: key.default for key in fields(DiagnosisKeys)}


def test_every_rule_is_on_the_page_of_the_diagnosis() -> None:
    parts = sections(shipped_pages()["diagnosis"])
    for heading, rules in (("Rules for full batches", full_batch.RULES), ("Rules for mini-batches", mini_batch.RULES)):
        table = re.findall(r"(?m)^\| `(\w+)` \|", parts[heading])
        assert sorted(table) == sorted({rule.name for rule in rules}), heading


def test_the_glossary_is_short() -> None:
    words = re.findall(r"(?m)^\| ([\w ]+) \|", sections(shipped_pages()["architecture"])["Words"])[1:]
    assert 0 < len(words) <= GLOSSARY_WORDS
