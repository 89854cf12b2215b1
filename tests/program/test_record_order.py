"""Records in another order than they were written in: sorted, reversed or shuffled by other programs."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.recordings import recorded
from tuimove.command_line.main import main
from tuimove.recording.reading.record_lines import RecordLines
from tuimove.recording.reading.run_follower import RecordReader
from tuimove.recording.record import MeasurementRecord

Tables = list[dict[str, Any]]

TABLES = recorded("same-network", every=50)
ORDERS: dict[str, Callable[[Tables], Tables]] = {
    "reversed": lambda tables: tables[::-1],
    "shuffled": lambda tables: random.Random(3).sample(tables, len(tables)),
    "the run's record last": lambda tables: [*tables[1:], tables[0]],
    "two records swapped": lambda tables: [*tables[:4], tables[5], tables[4], *tables[6:]],
}


def written(path: Path, tables: Tables) -> Path:
    path.write_text("".join(json.dumps(table) + "\n" for table in tables))
    return path


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_records_out_of_order_are_counted_and_said_by_every_command(
    order: Callable[[Tables], Tables], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "a.jsonl", order(TABLES))
    records = RecordLines(str(path))
    lost = len(TABLES) - len(list(records))
    assert lost > 0
    words = f"{lost} record{'s' * (lost > 1)} out of order passed over"
    assert records.remark == f"{path}: {words}"
    for command in (["check"], ["compare"], ["report", "--out", str(tmp_path / "r")]):
        assert main([command[0], str(path), *command[1:]]) == 0
        assert words in "".join(capsys.readouterr()), command


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_the_dashboard_s_reader_says_the_same(order: Callable[[Tables], Tables], tmp_path: Path) -> None:
    reader = RecordReader(written(tmp_path / "a.jsonl", order(TABLES)))
    with closing(reader.file):
        told = [record for _ in range(3) for record, _ in reader.read_some()]
        assert any(isinstance(record, MeasurementRecord) for record in told)
        assert f"{len(TABLES) - len(told)} record" in reader.remark
        assert "out of order passed over" in reader.remark


def test_what_a_resumed_run_writes_again_is_not_out_of_order(tmp_path: Path) -> None:
    """Also where it is measured at other epochs than before."""
    again = [{**table, "epoch": table["epoch"] + 1} if table["record"] == "measurement" else table for table in TABLES]
    for tables in ([*TABLES, *TABLES], [*TABLES[:9], TABLES[0], *TABLES[5:]], [*TABLES[:9], *again]):
        records = RecordLines(str(written(tmp_path / "a.jsonl", tables)))
        list(records)
        assert records.remark == ""
