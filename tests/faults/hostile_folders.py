"""Makes harmful folders of a harmless one: pickles, paths and links that lead out of it, texts that steer."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tuimove.recording.folder.checkpoint_files import checkpoint_files
from tuimove.recording.folder.run_lock import process_birth

STEERING = "\x1b]0;harm\x07\x1b[2Jharm\x9b31m\r\x08"
"""Sets a terminal's title, clears it, and changes colours."""
MARKS = (b"\x1b]0;harm", b"\x1b[2Jharm", "\x9b31m".encode())
"""What must never be written."""


class Harm:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def pickles(run: Path, around: Path) -> Path:
    """Put pickles into every file of arrays, under the right sums."""
    hostile = np.array([Harm(around / "harm")], dtype=object)
    for path in (run / "first.npz", run / "last.npz", *checkpoint_files(run)):
        with path.open("wb") as stream:
            np.savez(stream, epoch=hostile, W1=hostile, b1=hostile, W2=hostile, b2=hostile, run=hostile)
        if path.name.startswith("checkpoint"):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
            path.rename(path.with_name(f"{path.name[:21]}{digest}.npz"))
    return run


def links_to_files(run: Path, around: Path) -> Path:
    """Have every file be a link to one outside."""
    for path in [*run.iterdir(), run / "last.npz", run / "last.npz.part", run / "first.npz.part"]:
        if path.name != "records.jsonl":
            path.unlink(missing_ok=True)
            path.symlink_to(around / "dear.npz")
    for name in ("background.log", "control.sock", "epoch-000100.npz", "lock"):
        (run / name).unlink(missing_ok=True)
        (run / name).symlink_to(around / "secret.txt")
    return run


def linked_records(run: Path, around: Path) -> Path:
    """Have the records be a link to a file outside."""
    (run / "records.jsonl").unlink()
    (run / "records.jsonl").symlink_to(around / "secret.txt")
    return run


def linked_folder(run: Path, around: Path) -> Path:
    """Have the whole folder be a link to one outside that holds no run."""
    for path in run.iterdir():
        path.unlink()
    run.rmdir()
    run.symlink_to(around, target_is_directory=True)
    return run


def paths(run: Path, around: Path) -> Path:
    """Have everything that may be a path lead out of the folder, and the run claim to be trained on it."""

    def change(record: dict[str, Any]) -> None:
        record["run"] = "../../../around/run"
        if record["record"] == "run":
            record["preset"]["name"] = "/etc/../etc/passwd"
            record["preset"]["data"]["name"] = str(around)
            record["data"]["name"] = "../../around"

    (run / "last.npz.part").mkdir()
    _change_records(run, change)
    return run


def many_paths(run: Path, _around: Path) -> Path:
    """Have the images be devices, other users' files, or links that never end."""
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"):
        (run / name).symlink_to("/dev/zero")
    os.mkfifo(run / "t10k-labels-idx1-ubyte")

    def change(record: dict[str, Any]) -> None:
        if record["record"] == "run":
            record["preset"]["data"]["name"] = str(run)

    _change_records(run, change)
    return run


def steering_texts(run: Path, _around: Path) -> Path:
    """Put what steers a terminal into every text of the records."""
    finding = {"record": "finding", "run": "x", "epoch": 0, "rule": "r", "severity": "alarm", "matrix": "W1",
               "value": 1, "limit": 1, "message": "m", "advice": "a", "causes": ["c"]}  # fmt: skip

    def change(record: dict[str, Any]) -> None:
        for key, value in record.items():
            if isinstance(value, str) and key not in ("record", "severity", "matrix", "status"):
                record[key] = value + STEERING
            elif isinstance(value, dict) and key != "matrices":
                change(value)

    _change_records(run, change, finding, {"record": "end", "run": "x", "status": "failed", "reason": "because"})
    return run


def steering_messages(run: Path, _around: Path) -> Path:
    """Do so where a run would be resumed: in findings, in the end's reason, and in what the run was made with."""

    def change(record: dict[str, Any]) -> None:
        if record["record"] == "run":
            record["versions"] = {STEERING: STEERING}
            record["started"] = record["form"] = record["run"] = STEERING

    end = {"record": "end", "run": "x", "status": "failed", "reason": STEERING, "epochs": 1, "seconds": 1}
    _change_records(run, change, {"record": STEERING}, end)
    return run


def steering_name(run: Path, _around: Path) -> Path:
    """Have the folder's own name steer a terminal."""
    return run.rename(run.with_name(f"run-{STEERING}"))


def absurd_sizes(run: Path, _around: Path) -> Path:
    """Have the record claim a network that no machine can hold."""

    def change(record: dict[str, Any]) -> None:
        if record["record"] == "run":
            record["preset"]["network"]["hidden"] = 10**12
            record["data"] |= {"inputs": 2**52, "classes": 2**52}

    _change_records(run, change)
    return run


def missing_parts(run: Path, _around: Path) -> Path:
    """Leave out of the records whatever can be left out."""

    def change(record: dict[str, Any]) -> None:
        for key in [key for key in record if key not in ("record", "run", "epoch", "matrices", "preset")]:
            del record[key]
        record["matrices"] = {}
        if "preset" in record:
            record["preset"] = {"data": record["preset"]["data"]}

    _change_records(run, change)
    return run


def posing_process(run: Path, around: Path) -> Path:
    """Have a lock that names a living process that trains nothing, and a socket on which nobody answers."""
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "birth": process_birth(os.getpid()), "token": STEERING}
    (run / "lock").unlink(missing_ok=True)
    (run / "lock").write_text(json.dumps(holder))
    (run / "control.sock").symlink_to(around / "secret.txt")
    return run


def _change_records(run: Path, change: Callable[[dict[str, Any]], None], *others: dict[str, Any]) -> None:
    """Change every record of a run, and add others behind them."""
    path = run / "records.jsonl"
    records = [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
    records += others
    for record in records:
        change(record)
    path.write_text("".join(f"{json.dumps(record, separators=(',', ':'))}\n" for record in records))


Maker = Callable[[Path, Path], Path]
"""Makes a folder harmful, given its harmless surroundings, and returns where it is now."""
FOLDERS: list[tuple[str, Maker]] = [
    (make.__name__.replace("_", " "), make)
    for make in (
        pickles, links_to_files, linked_records, linked_folder, paths, many_paths, steering_texts, steering_messages,
        steering_name, absurd_sizes, missing_parts, posing_process,
    )
]  # fmt: skip
