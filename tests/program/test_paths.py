"""Names of files and folders: where they count from, and what becomes of those that lead to nothing of use.

Each kind of trouble was reported of comparable programs; the tests try the kind, not the report's letter.

=====  ==================================================  =======================================
F5     a run keeps a relative name of its data, and can't  test_a_run_goes_on_from_anywhere, ..._moved
       be resumed from elsewhere or once they have moved
F11    a name that is too long is a traceback              test_a_name_that_leads_to_nothing_of_use_...
F12    a folder that may not be read is a traceback        test_what_may_not_be_read_...
W17    `~` isn't expanded; a preset's relative folder      test_a_tilde_..., test_a_relative_folder_...
       counts from wherever one is
=====  ==================================================  =======================================
"""

from __future__ import annotations

import errno
import json
import os
import pkgutil
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType

import pytest

import tuimove
from tests.conftest import Tuimove, random_digits, write_idx_folder
from tests.support.processes import TUIMOVE, run, start, wait
from tests.support.waiting import PATIENCE
from tuimove.command_line.main import main
from tuimove.errors import DataError
from tuimove.experiments.plan import found_experiment, open_experiment_folder, planned_experiment
from tuimove.recording.folder.run_summary import read_summary
from tuimove.recording.folder.store import find_run
from tuimove.recording.reading.course import read_courses
from tuimove.reports.whole_folder import whole_folder
from tuimove.settings.files import open_named, open_regular
from tuimove.settings.preset_file import shipped_presets
from tuimove.settings.preset_reading import Override, load_preset
from tuimove.settings.sweep import load_experiment
from tuimove.training.image_set import read_digits

CUT = ("run", "quick-look", "--no-ui", "--set", "training.epochs=20", "--set", "data.train=100")


@pytest.fixture(autouse=True)
def _never_waiting() -> Iterator[None]:
    """Fail instead of waiting for ever where something is opened that nobody writes to."""

    def abandon(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, abandon)
    signal.alarm(int(PATIENCE))
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, which is the working folder."""
    folder = tmp_path / "place"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as one:
        one.bind(str(path.relative_to(Path.cwd())))  # a socket's path may only be short


def loop(path: Path) -> None:
    path.symlink_to(path)


KINDS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "too long": ("y" * 300, lambda _: None),
    "a folder": ("x.toml", Path.mkdir),
    "a file": ("x.toml", Path.touch),
    "a pipe": ("x.toml", pipe),
    "a socket": ("x.toml", listening),
    "a device": ("x.toml", lambda path: path.symlink_to("/dev/zero")),
    "a link to nowhere": ("x.toml", lambda path: path.symlink_to("nowhere")),
    "a loop of links": ("x.toml", loop),
    "below a file": ("file/x.toml", lambda path: path.parent.touch()),
    "an empty name": ("", lambda _: None),
    "what steers a terminal": ("./x\n\x1b[2J\x9b31m.toml", lambda _: None),
    "no UTF-8": (os.fsdecode(b"./x\xff.toml"), lambda _: None),
    "a null byte": ("./x\0.toml", lambda _: None),
}
USES: dict[str, tuple[str, ...]] = {
    "preset": ("run", "NAME", "--no-ui"),
    "data": ("run", "quick-look", "--no-ui", "--no-store", "--data", "NAME"),
    "data by its key": ("run", "quick-look", "--no-ui", "--no-store", "--set", "data.name=NAME"),
    "out": ("run", "quick-look", "--no-ui", "--data", "/nowhere", "--out", "NAME"),
    "an experiment's out": ("run", "repeatability", "--no-ui", "--data", "/nowhere", "--out", "NAME"),
    "resume": ("resume", "NAME", "--no-ui"),
    "attach": ("attach", "NAME"),
    "replay": ("replay", "NAME"),
    "check": ("check", "NAME"),
    "compare": ("compare", "NAME"),
    "report": ("report", "NAME"),
    "moved data": ("resume", "RUN", "--no-ui", "--data", "NAME"),
    "images of a replay": ("replay", "RUN", "--data", "NAME"),
    "report's out": ("report", "RUN", "--out", "NAME"),
    "reproduce": ("reproduce", "--out", "NAME"),
}
FINE = {
    ("out", "a folder"), ("an experiment's out", "a folder"), ("report's out", "a folder"), ("reproduce", "a folder"),
    ("preset", "a file"), ("images of a replay", "a folder"), ("report's out", "what steers a terminal"),
    ("report's out", "no UTF-8"), ("reproduce", "what steers a terminal"), ("reproduce", "no UTF-8"),
}  # fmt: skip
"""Where that is what is asked for: what becomes of it is for other tests."""


@pytest.fixture(scope="module")
def cut_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run that was interrupted, with one measurement."""
    folder = tmp_path_factory.mktemp("cut")
    data = write_idx_folder(folder / "data", random_digits(200, (6, 5), 4))
    command = [*TUIMOVE, *CUT, "--data", str(data), "--out", str(folder / "run")]
    done = run(command)
    assert done.returncode == 0, done.stderr
    lines = (folder / "run" / "records.jsonl").read_text().splitlines(keepends=True)
    (folder / "run" / "records.jsonl").write_text("".join(lines[:-1]))
    return folder / "run"


def code_of(arguments: list[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as ended:
        return int(ended.code or 0)


@pytest.mark.parametrize("use", USES)
def test_a_name_that_leads_to_nothing_of_use_is_one_line_and_exit_code_2(
    use: str, place: Path, cut_run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind, (name, make) in KINDS.items():
        if (use, kind) in FINE:
            continue
        here = place / kind
        here.mkdir()
        monkeypatch.chdir(here)
        make(here / name)
        before = sorted(os.listdir(here))
        code = code_of([text.replace("NAME", name).replace("RUN", str(cut_run)) for text in USES[use]])
        captured = capsys.readouterr()
        said = [line for line in captured.err.split("\n") if line and "compiling" not in line]
        assert (code, len(said), captured.out) == (2, 1, ""), (kind, captured)
        assert said[0].startswith("tuimove"), kind
        assert said[0].isprintable(), kind
        assert sorted(os.listdir(here)) == before, kind


def test_a_pipe_that_is_written_to_is_read_as_a_file(tuimove: Tuimove, cut_run: Path) -> None:
    """As a shell's `<(zcat records.jsonl.gz)` gives it."""
    ours, theirs = os.pipe()
    writer = start(["cat", cut_run / "records.jsonl"], stdout=theirs)
    os.close(theirs)
    done = tuimove("check", f"/dev/fd/{ours}", pass_fds=[ours])
    os.close(ours)
    assert wait(writer) == 0
    assert (done.returncode, "measurements: no findings" in done.stderr) == (0, True), done.stderr


def test_a_preset_in_a_pipe_is_read_once_and_its_folders_count_from_the_working_folder(place: Path) -> None:
    (place / "text").write_text('[data]\nname = "digits"\n[sweep]\n"training.seed" = [1, 2]\n')
    os.mkfifo("preset")
    writer = start(["sh", "-c", "cat text >preset"])
    (place / "digits").mkdir()
    ours = os.open("preset", os.O_RDONLY)  # waits for the writer
    assert wait(writer) == 0
    experiment = load_experiment(f"/dev/fd/{ours}")
    os.close(ours)
    assert len(experiment.members) == 2
    assert {member.preset.data.name for member in experiment.members} == {str(place / "digits")}


@pytest.fixture
def forbidden() -> Iterator[Path]:
    """Return a folder that another user than root may look through, and act as one."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    shutil.rmtree(folder)


@contextmanager
def another_user() -> Iterator[None]:
    """Have nothing that root may do; whoever isn't root stays as they are."""
    if os.geteuid():
        yield
        return
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def _import_all() -> None:
    """Import every module of the program and read its presets now: where Python is root's, another user may not."""
    shipped_presets()
    for module in pkgutil.walk_packages(tuimove.__path__, "tuimove."):
        name = module.name.rpartition(".")[2]
        needs_framework = name.endswith("_callback") and name != "loop_callback"
        if name != "__main__" and not needs_framework and sys.modules.get(module.name, module) is not None:
            import_module(module.name)
    import_module("plotext")  # which `compare` imports once there is something to plot


@pytest.mark.parametrize("mode", [0o000, 0o711, 0o644])
def test_what_may_not_be_read_is_one_line_and_exit_code_2(
    forbidden: Path, cut_run: Path, mode: int, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = forbidden / "closed"
    shutil.copytree(cut_run, closed)
    for name in ("my.toml", "train-images-idx3-ubyte"):
        (closed / name).write_text("")
    _import_all()
    for path in closed.iterdir():
        path.chmod(0)
    closed.chmod(mode)
    uses = [
        ("run", f"{closed}/my.toml", "--no-ui"), ("run", "quick-look", "--no-ui", "--out", f"{closed}/new/run"),
        ("run", "repeatability", "--no-ui", "--out", f"{closed}/new"), ("reproduce", "--out", f"{closed}/new"),
        ("check", f"{closed}/records.jsonl"), ("report", str(cut_run), "--out", f"{closed}/new"),
        *((command, str(closed)) for command in ("check", "compare", "report", "replay", "attach")),
        ("resume", str(closed), "--no-ui"),
    ]  # fmt: skip
    for arguments in uses:
        with another_user():
            code = code_of([*arguments])
        said = capsys.readouterr().err.splitlines()
        assert (code, len(said)) == (2, 1), (arguments, said)
    with another_user(), pytest.raises(DataError, match=r"closed.*: Permission denied"):
        read_digits(str(closed))
    with another_user():
        assert read_summary(closed).state == "cut short"


@pytest.mark.parametrize("kind", ["run", "experiment"])
def test_a_folder_that_may_not_be_written_to_is_said_to_be_locked_in_vain(
    forbidden: Path, cut_run: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _import_all()
    folder = forbidden / kind
    if kind == "run":
        shutil.copytree(cut_run, folder)
    else:
        with open_experiment_folder(load_experiment("repeatability"), folder, print, is_kept=True):
            pass
    with another_user():
        code = code_of(["resume", str(folder), "--no-ui"])
    assert (code, capsys.readouterr().err) == (
        2, f"tuimove: error: {folder}: its lock can't be written there: Permission denied\n"
    )  # fmt: skip


def test_a_finished_run_that_may_not_be_written_to_has_finished(
    forbidden: Path, cut_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _import_all()
    folder = forbidden / "run"
    shutil.copytree(cut_run, folder)
    with (folder / "records.jsonl").open("a") as stream:
        stream.write(json.dumps({"record": "end", "run": "x", "status": "finished", "epoch": 20, "seconds": 1}) + "\n")
    with another_user():
        code = code_of(["resume", str(folder), "--no-ui"])
    assert (code, capsys.readouterr().err) == (2, f"tuimove: error: {folder}: the run has finished\n")


@pytest.mark.parametrize("is_folder_closed", [True, False])
def test_a_run_of_an_experiment_that_may_not_be_read_is_named(
    forbidden: Path, cut_run: Path, capsys: pytest.CaptureFixture[str], *, is_folder_closed: bool
) -> None:
    experiment = forbidden / "experiment"
    for name in ("open", "closed"):
        shutil.copytree(cut_run, experiment / name)
    _import_all()
    (experiment / "closed" if is_folder_closed else experiment / "closed" / "records.jsonl").chmod(0)
    words = f"passed over: {experiment / 'closed' / 'records.jsonl'}: Permission denied"
    said: list[str] = []
    with another_user():
        assert len(read_courses(str(experiment), said.append)) == 1
        assert main(["compare", str(experiment)]) == 0
    assert said == [words]
    assert words in capsys.readouterr().err


def test_an_experiment_that_may_not_be_read_does_not_hide_the_others_from_a_report(
    forbidden: Path, cut_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("open", "closed"):
        shutil.copytree(cut_run, forbidden / name / "00000")
    assert main(["report", str(forbidden / "open"), "--out", str(forbidden / "first")]) == 0  # reads what it takes
    shutil.rmtree(forbidden / "first")
    capsys.readouterr()
    (forbidden / "closed").chmod(0)
    forbidden.chmod(0o777)
    with another_user():
        assert main(["report", str(forbidden), "--out", str(forbidden / "report")]) == 0
    out, said = capsys.readouterr()
    assert f"passed over: {forbidden / 'closed'}: Permission denied" in said
    assert f"{forbidden / 'open'}: 1 " in out


def test_an_experiment_none_of_whose_runs_may_be_read_is_refused(
    forbidden: Path, cut_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = forbidden / "experiment"
    shutil.copytree(cut_run, experiment / "closed")
    _import_all()
    (experiment / "closed").chmod(0)
    uses = [[command, str(experiment)] for command in ("compare", "check", "replay")]
    for arguments in (*uses, ["report", str(experiment), "--out", f"{experiment}/new"]):
        forbidden.chmod(0o777)
        with another_user():
            assert main(arguments) == 2
        assert str(experiment) in capsys.readouterr().err


def test_an_unreadable_run_does_not_hide_the_others(
    forbidden: Path, cut_run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(forbidden))
    shutil.copytree(cut_run, forbidden / "tuimove" / "runs" / "open-run")
    shutil.copytree(cut_run, forbidden / "tuimove" / "runs" / "closed-run")
    (forbidden / "tuimove" / "runs" / "closed-run").chmod(0)
    with another_user():
        assert main(["runs"]) == 0
    (forbidden / "tuimove" / "runs" / "closed-run").chmod(0o755)
    assert "open-run" in capsys.readouterr().out


def test_a_tilde_is_the_home_folder_wherever_a_path_is_taken(
    place: Path, idx_folder: Path, cut_run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(place))
    shutil.copytree(idx_folder, place / "x")
    shutil.copytree(cut_run, place / "run")
    (place / "my.toml").write_text('[data]\nname = "~/x"\n')
    assert load_preset("~/my.toml").data.name == str(place / "x")
    assert load_preset("quick-look", [Override("--data", "data.name", "~/x")]).data.name == str(place / "x")
    assert find_run("~/run") == place / "run"
    assert main(["report", "~/run", "--out", "~/report"]) == 0
    assert main(["resume", "~/run", "--no-ui", "--data", "~/y"]) == 2
    assert "data.name = 'y': neither" in capsys.readouterr().err
    assert (place / "report" / "measurements.csv").exists()


def test_a_relative_folder_in_a_preset_counts_from_its_file_and_a_typed_one_from_the_working_folder(
    place: Path, tmp_path: Path
) -> None:
    (tmp_path / "my.toml").write_text('[data]\nname = "digits"\n[sweep]\n"data.name" = ["a", "../b"]\n')
    (place / "digits").mkdir()
    typed = [Override("--data", "data.name", "digits")]
    assert load_preset("../my.toml").data.name == str(tmp_path / "digits")
    assert load_preset("../my.toml", typed).data.name == str(place / "digits")
    with pytest.raises(DataError, match=r"neither 'mnist' nor a folder .*the working folder has one: 'digits'"):
        read_digits(load_preset("../my.toml").data.name)
    members = load_experiment("../my.toml").members
    assert [one.preset.data.name for one in members] == [str(tmp_path / "a"), str(tmp_path.parent / "b")]
    assert [one.varied for one in members] == [(("data.name", "a"),), (("data.name", "../b"),)]
    swept = load_experiment("../my.toml", [Override("--set", "sweep.data.name", ["c"])]).members
    assert [one.preset.data.name for one in swept] == [str(place / "c")]


def test_mnist_is_the_bundled_set_even_beside_a_folder_of_that_name(place: Path) -> None:
    (place / "mnist").mkdir()
    assert load_preset("quick-look").data.name == "mnist"
    assert load_preset("quick-look", [Override("", "data.name", "./mnist")]).data.name == str(place / "mnist")


def interrupt_run(run: Path, data: str) -> None:
    """Train a run on a folder named as given, and cut it short after its first measurement and checkpoint."""
    assert main([*CUT, "--data", data, "--out", str(run), "--checkpoint-every", "1"]) == 0
    lines = (run / "records.jsonl").read_text().splitlines(keepends=True)
    (run / "records.jsonl").write_text("".join(lines[:2]))


def test_a_run_goes_on_from_anywhere(place: Path, idx_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_run(place / "run", os.path.relpath(idx_folder))
    table = json.loads((place / "run" / "records.jsonl").read_text().splitlines()[0])
    assert table["preset"]["data"]["name"] == table["data"]["name"] == str(idx_folder)
    assert f'name = "{idx_folder}"' in (place / "run" / "preset.toml").read_text()
    monkeypatch.chdir("/")
    assert main(["resume", str(place / "run"), "--no-ui"]) == 0


@pytest.mark.parametrize("beside", ["place", "place/run"])
def test_an_older_run_with_a_relative_name_is_tried_from_the_working_folder_and_its_own(
    beside: str, place: Path, idx_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupt_run(place / "run", str(idx_folder))
    for name in ("records.jsonl", "preset.toml"):
        path = place / "run" / name
        path.write_text(path.read_text().replace(f'"{idx_folder}"', '"digits"'))
    assert main(["resume", "run", "--no-ui"]) == 2
    assert "its data were in 'digits', which isn't there now; --data DIR" in capsys.readouterr().err
    idx_folder.rename(place.parent / beside / "digits")
    assert main(["resume", "run", "--no-ui"]) == 0
    assert f"data: {place.parent / beside}/digits (recorded as 'digits')" in capsys.readouterr().err


@pytest.mark.parametrize("keeps_checkpoint", [True, False])
def test_data_that_have_moved_are_found_where_they_are_said_to_be_and_must_be_the_same(
    place: Path, idx_folder: Path, capsys: pytest.CaptureFixture[str], *, keeps_checkpoint: bool
) -> None:
    interrupt_run(place / "run", str(idx_folder))
    for path in [] if keeps_checkpoint else (place / "run").glob("checkpoint-*"):
        path.unlink()
    idx_folder.rename(place / "moved")
    write_idx_folder(place / "other", random_digits(200, (6, 5), 4, density=0.5))
    write_idx_folder(place / "fewer", random_digits(160, (6, 5), 4))
    before = (place / "run" / "records.jsonl").read_text()
    for data in ("other", "fewer"):
        assert main(["resume", "run", "--no-ui", "--data", data]) == 2
        assert "that the run began with" in capsys.readouterr().err
        assert (place / "run" / "records.jsonl").read_text() == before
    assert main(["resume", "run", "--no-ui", "--data", "moved"]) == 0
    assert f'name = "{place / "moved"}"' in (place / "run" / "preset.toml").read_text()
    (place / "run" / "records.jsonl").write_text(before)
    assert main(["resume", "run", "--no-ui"]) == 0, "it isn't told where they are a second time"


def test_an_experiment_whose_data_have_moved_goes_on_with_those(
    place: Path, idx_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = ["run", "repeatability", "--no-ui", "--set", "training.epochs=20", "--set", "data.train=100",
             "--set", "sweep.training.seed=[1, 2]", "--data", str(idx_folder), "--out", "many"]  # fmt: skip
    assert main(sweep) == 0
    shutil.rmtree(place / "many" / "00001")
    idx_folder.rename(place / "moved")
    write_idx_folder(place / "other", random_digits(200, (6, 4), 4))
    shutil.copytree(place / "moved", place / "changed")
    images = place / "changed" / "train-images-idx3-ubyte"
    content = bytearray(images.read_bytes())
    content[20] ^= 1
    images.write_bytes(content)
    assert main(["resume", "many", "--no-ui"]) == 2
    assert main(["resume", "many", "--no-ui", "--data", "changed"]) == 2
    assert "not the training images and labels that many began with" in capsys.readouterr().err
    assert main(["resume", "many", "--no-ui", "--data", "other"]) == 2
    assert "inputs = 24, and it was 30" in capsys.readouterr().err
    assert main(["resume", "many", "--no-ui", "--data", "moved"]) == 0
    assert {one.preset.data.name for one in planned_experiment(place / "many").members} == {str(place / "moved")}
    shutil.rmtree(place / "many" / "00001")
    assert main(["resume", "many", "--no-ui"]) == 0


def test_several_data_sets_cannot_all_have_moved_into_one_folder(place: Path) -> None:
    (place / "my.toml").write_text('[sweep]\n"data.name" = ["a", "b"]\n')
    experiment = load_experiment("./my.toml")
    with (
        open_experiment_folder(experiment, place / "x", print, is_kept=True),
        pytest.raises(DataError, match="have 2 data sets"),
    ):
        found_experiment(place / "x", place, print)


def test_a_preset_s_file_name_never_keeps_its_run_from_being_read_again(place: Path) -> None:
    path = place / os.fsdecode(b"my\x1b\xff.toml")
    path.write_text("")
    preset = load_preset(str(path))
    (place / "again.toml").write_text(preset.as_toml(), encoding="utf-8")
    assert load_preset("./again.toml") == preset


@pytest.mark.parametrize("is_there", [True, False])
def test_a_report_is_there_whole_or_not_at_all(place: Path, *, is_there: bool) -> None:
    out = place / "deep" / "report"
    if is_there:
        out.mkdir(parents=True)

    def fill_disk() -> None:
        with whole_folder(out) as part:
            (part / "half").write_text("half")
            raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full"):
        fill_disk()
    assert sorted(path.name for path in place.rglob("*")) == (["deep", "report"] if is_there else [])
    with whole_folder(out) as part:
        (part / "whole").write_text("whole")
    assert [path.name for path in out.iterdir()] == ["whole"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("a file", "an empty name")])
@pytest.mark.parametrize("follows_link", [True, False])
def test_every_opener_refuses_at_once_what_is_no_regular_file(kind: str, place: Path, *, follows_link: bool) -> None:
    name, make = KINDS[kind]
    make(place / name)
    with pytest.raises(DataError) as refused:
        open_regular(place / name, follows_link=follows_link)
    assert str(refused.value).isprintable()
    with pytest.raises(DataError):
        open_named(place / name)
