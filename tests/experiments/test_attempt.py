"""A job's records as they come from a worker: none is parsed twice, kept as they were written, passed on as asked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import parse_records
from tests.support.recordings import recorded
from tuimove.command_line.headless.many_runs import Narrator
from tuimove.experiments.dask.attempt import Attempt
from tuimove.experiments.dask.run_copies import RunCopies
from tuimove.experiments.experiment import ExperimentOptions, ExperimentRun, Job
from tuimove.settings.preset_reading import load_preset
from tuimove.settings.sweep import Experiment, Member


@pytest.mark.parametrize("histograms", [False, True])
def test_a_record_of_a_worker_is_parsed_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, histograms: bool
) -> None:
    """From the event to the folder, which has histograms, and to standard output, which may have none."""
    preset = replace(load_preset("weights-normal"), name="training.seed=1")
    narrator: Any = Narrator(1, histograms=histograms)
    options, engine = ExperimentOptions(out=tmp_path, histograms=histograms), None
    running = ExperimentRun(Experiment(preset, (Member(preset, ()),), ()), options, engine, narrator)  # type: ignore[arg-type]
    table = {"name": preset.name, "preset": preset.as_dict(), "folder": str(tmp_path / "00000")}
    job = Job((0,), {"runs": [table], "histograms": histograms})
    attempt = Attempt(job, 1, "a worker", None, RunCopies([table]))  # type: ignore[arg-type]
    lines = [json.dumps(record) for record in recorded("weights-normal")]
    parsed: list[object] = []
    loads = json.loads

    def count(content: str) -> object:
        parsed.append(content)
        return loads(content)

    monkeypatch.setattr(json, "loads", count)
    for number, line in enumerate(lines):
        record = attempt.take(number, line)
        assert record
        running.receive(job, record)
    monkeypatch.undo()
    assert parsed == lines
    attempt.copies.complete({})
    attempt.copies.close()
    assert (tmp_path / "00000" / "records.jsonl").read_text().splitlines() == lines
    written = parse_records(capfd.readouterr().out)
    assert len(written) == len(lines)
    assert ("histogram" in written[1]["matrices"]["W1"]) is histograms
