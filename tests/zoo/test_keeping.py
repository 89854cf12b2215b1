"""Recordings are kept in bundles, and the report part is scored only with frozen rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.promises.sample import recorded_sample
from tests.zoo import __main__ as program
from tests.zoo import freezing, keeping
from tests.zoo.bundles import FOLDER, MOST_BYTES, RIVALS, kept_files, read_rivals, recorded_files, sum_of, write_bundle
from tests.zoo.freezing import FROZEN, read_frozen, reason_to_refuse, rule_sources, rules_sum, told_sums
from tests.zoo.reading import kept_bytes


def test_a_bundle_has_the_same_bytes_each_time_and_is_read_as_a_folder_is(tmp_path: Path) -> None:
    files = {"b.run.xz": b"two", "a.run.xz": b"one", RIVALS: b'{"versions": {"x": "1"}, "verdicts": {}}'}
    for name, order in (("one.zip", sorted(files)), ("two.zip", sorted(files, reverse=True))):
        write_bundle(tmp_path / name, {one: files[one] for one in order})
    assert sum_of(tmp_path / "one.zip") == sum_of(tmp_path / "two.zip")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, content in {**files, "c.1234": b"unfinished"}.items():
        (folder / name).write_bytes(content)
    assert kept_files(tmp_path / "one.zip") == kept_files(folder) == files
    assert sorted(recorded_files(files)) == ["a.run.xz", "b.run.xz"]
    assert read_rivals(files)["versions"] == {"x": "1"}
    assert kept_files(tmp_path / "nothing") == {}


def test_kept_bundles_are_small_enough() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.zip")) <= MOST_BYTES


def test_what_is_recorded_is_kept_as_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded, kept = tmp_path / "recorded", tmp_path / "kept.zip"
    recorded.mkdir()
    monkeypatch.setattr(keeping, "bundle_path", lambda *_: kept)
    assert "nothing is recorded" in keeping.keep("own", "report", recorded)
    (recorded / "one.run.xz").write_bytes(b"1")
    assert keeping.keep("own", "report", recorded).startswith("kept.zip: 1 runs")
    assert kept_files(kept) == {"one.run.xz": b"1"}


def test_the_sum_is_of_the_limits_and_of_every_rule(tmp_path: Path) -> None:
    names = {path.name for path in rule_sources()}
    assert {"limits.py", "diagnosis.py", "past.py", "distance.py"} <= names
    for folder in ("settings", "diagnosis/rules"):
        (tmp_path / folder).mkdir(parents=True)
    limits, rule = tmp_path / "settings" / "limits.py", tmp_path / "diagnosis" / "rules" / "one.py"
    limits.write_text("1")
    rule.write_text("2")
    before = rules_sum(tmp_path)
    assert rules_sum(tmp_path) == before
    rule.write_text("3")
    assert rules_sum(tmp_path) != before


def test_only_frozen_rules_are_let_at_the_report_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = tmp_path / "FROZEN"
    assert "aren't frozen" in str(reason_to_refuse(frozen))
    freezing.freeze(frozen)
    assert reason_to_refuse(frozen) is None
    assert read_frozen(frozen)["rules"] == rules_sum()
    assert told_sums([], frozen) == [f"{rules_sum()}  rules"]
    monkeypatch.setattr(freezing, "rules_sum", lambda: "another")
    assert told_sums([], frozen) == ["another  rules  (not when the rules were frozen)"]
    assert "have changed" in str(reason_to_refuse(frozen))


def test_scoring_the_report_part_with_other_rules_ends_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "reason_to_refuse", lambda: "changed")
    for arguments in ([], ["--part", "report"]):
        monkeypatch.setattr("sys.argv", ["zoo", *arguments])
        with pytest.raises(SystemExit) as ended:
            program.main()
        assert ended.value.code == 2
        assert capsys.readouterr().err == "changed\n"


def test_loops_are_not_kept_without_the_packages_that_judge_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "missing_rivals", lambda: ["runmedic"])
    monkeypatch.setattr("sys.argv", ["zoo", "--keep"])
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("runmedic: not installed")


def test_rules_are_frozen_and_runs_recorded_without_any_score(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done: list[object] = []
    monkeypatch.setattr(program, "freeze", lambda: done.append("frozen"))
    monkeypatch.setattr(program, "record_zoo", lambda *arguments: done.append(arguments[1:]))
    for options in (["--freeze"], ["--record", "--part", "report", "--folder", "own", str(tmp_path), "--only", "relu"]):
        monkeypatch.setattr("sys.argv", ["zoo", *options])
        program.main()
    assert done == ["frozen", (tmp_path / "report", program.WORKERS, "relu")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where a sample of our own networks lies as both parts."""
    for part in ("calibration", "report"):
        (tmp_path / part).mkdir()
        for one in recorded_sample()[:3]:
            (tmp_path / part / f"{one.name}.run.xz").write_bytes(kept_bytes(one))
    return tmp_path


def test_the_calibration_part_s_tables_are_printed_and_nothing_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = folder / "REPORT.md"
    options = ["--part", "calibration", "--zoo", "own", "--folder", "own", str(folder), "--report", str(report)]
    monkeypatch.setattr("sys.argv", ["zoo", *options, "--list", "--evidence", "validation"])
    program.main()
    said = capsys.readouterr().out
    assert said.startswith("## Our own networks: the calibration part")
    assert "### Kinds of fault" in said
    assert not report.exists()


def test_the_report_has_both_parts_and_the_sum_of_the_rules(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = folder / "REPORT.md"
    monkeypatch.setattr(program, "reason_to_refuse", lambda: None)
    monkeypatch.setattr("sys.argv", ["zoo", "--zoo", "own", "--folder", "own", str(folder), "--report", str(report)])
    program.main()
    text = report.read_text(encoding="utf-8")
    assert rules_sum() in text
    assert text.index("networks: the report part") < text.index("networks: the calibration part")


@pytest.mark.skipif(not FROZEN.exists(), reason="the rules aren't frozen yet")
def test_the_kept_report_is_of_the_frozen_rules() -> None:
    assert read_frozen()["rules"] in program.REPORT.read_text(encoding="utf-8")
