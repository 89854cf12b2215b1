"""Where a Dask scheduler is, as users and batch systems say it, and what its workers do before their first run.

| report | what it is about |
|---|---|
| "seen on the way", 9 | `--dask` takes no scheduler file, and no slash at the end of an address |
| "seen on the way", 10 | a fresh worker compiles for a minute without a word |
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tuimove
from tests.experiments.test_cluster import Cluster, own_cluster  # noqa: F401
from tests.experiments.test_experiment import ends, write
from tests.support.kept_kernels import cache_without
from tuimove.errors import Input, TuimoveError
from tuimove.experiments.dask.connection import scheduler_address

ADDRESS = "tcp://127.0.0.1:8786"


@pytest.mark.parametrize("text", [ADDRESS, f"{ADDRESS}/", "127.0.0.1:8786/", "tls://node:1/", "[::1]:8786"])
def test_an_address_may_end_with_a_slash(text: str) -> None:
    assert scheduler_address(text) == text.rstrip("/")


@pytest.mark.parametrize(
    "table", [{"address": ADDRESS}, {"type": "Scheduler", "address": f"{ADDRESS}/", "workers": {}}]
)
def test_a_scheduler_file_holds_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: dict[str, Any]
) -> None:
    (tmp_path / "scheduler.json").write_text(json.dumps(table))
    (tmp_path / "link").symlink_to("scheduler.json")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for text in ("scheduler.json", "link", "~/scheduler.json", str(tmp_path / "scheduler.json")):
        assert scheduler_address(text) == ADDRESS


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a scheduler file: Expecting value"),
        (b"\xff\xfe", "not a scheduler file"),
        (b"[" * 100_000, "not a scheduler file"),
        (b"[1]", 'holds no "address"'),
        (b'{"workers": {}}', 'holds no "address"'),
        (b'{"address": 8786}', 'holds no "address"'),
        (b'{"address": "inproc://1/2"}', "isn't HOST:PORT"),
        (b'{"address": "tcp://127.0.0.1:0"}', "isn't HOST:PORT"),
    ],
)
def test_a_file_without_an_address_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "scheduler.json").write_bytes(content)
    with pytest.raises(TuimoveError) as refused:
        scheduler_address(str(tmp_path / "scheduler.json"))
    assert str(refused.value).startswith(f"'{tmp_path / 'scheduler.json'}': ")
    assert words in str(refused.value)
    assert refused.value.about is Input.DASK


@pytest.mark.parametrize("text", ["", ".", "nowhere.json", "~nobody-by-this-name/x", "y" * 300, "a\0b", "http://a:80"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(TuimoveError, match="not an address, nor a scheduler file"):
        scheduler_address(text)


def test_a_fresh_worker_says_that_it_compiles_and_one_that_has_compiled_says_nothing(
    own_cluster: Cluster,  # noqa: F811
    tuimove: Tuimove,
    idx_folder: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "scheduler.json").write_text(json.dumps({"address": f"{own_cluster.address}/"}))
    settings = cache_without({"movement.add_movement"}, tmp_path / "cache")
    arguments = ("run", write(tmp_path / "mine.toml", '"training.seed" = [1, 2]'), "--no-ui", "--no-store", "--data",
                 idx_folder, "--set", "data.train=50", "--dask", tmp_path / "scheduler.json")  # fmt: skip
    for name, says in (("fresh", 1), ("later", 0)):
        worker = own_cluster.start_worker(name, **settings)
        done = tuimove(*arguments)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count(" is compiling kernels (a minute at first)") == says, done.stderr
        assert list(ends(done.stdout).values()) == ["finished", "finished"]
        worker.kill()
        worker.wait()
