"""Connects to the scheduler of a Dask cluster; a wrong address gives an error within seconds.

The address may be in a scheduler file, as batch systems write it. Dask is an optional dependency, slow to import, and
reads the user's configuration when imported; so the address is checked first.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuimove.errors import Input, TuimoveError
from tuimove.settings.files import kind_at, open_regular, shown_path, typed_path

if TYPE_CHECKING:
    from distributed import Client

ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?(?:[^\s/:\[\]]+|\[[0-9A-Fa-f:.%]+\]):(?P<port>\d{1,5})/?")
MOST_FILE = 1 << 20
"""Most bytes of a scheduler file, or of a file of Dask's configuration, that are read."""
TIMES = (
    "distributed.comm.timeouts.connect", "distributed.comm.timeouts.tcp", "distributed.client.heartbeat",
    "distributed.client.scheduler-info-interval",
)  # fmt: skip
"""Keys of Dask's configuration that a client reads as durations."""
MOST_VARIABLES = 8
"""Most of Dask's environment variables that an error message names."""
LOGGERS = ("distributed", "distributed.client")
"""Dask's loggers whose levels it sets when it is imported; the others have these levels."""
ANSWER_SECONDS = 4.0
"""Seconds that a scheduler may take to answer; the connection is retried meanwhile."""


@contextmanager
def connected_client(address: str) -> Iterator[Client]:
    """Connect to the scheduler at an address; disconnect at the end.

    Raises
    ------
    TuimoveError
        When Dask isn't installed, its configuration is invalid, or no Dask scheduler answers.
    """
    with _configuration_errors():
        _require_configuration_files()
        _require_dask()
    with _quiet_dask():
        with _configuration_errors():
            client = _connect(address)
        try:
            yield client
        finally:
            with suppress(Exception):  # the scheduler may have ended
                client.close(timeout=2)


def scheduler_address(text: str) -> str:
    """Return the address of a scheduler, from an address or the path of a scheduler file.

    Raises
    ------
    TuimoveError
        When the text is neither, or the file can't be read or holds no address.
    """
    if _is_address(text):
        return text.rstrip("/")
    path = typed_path(text or ".")
    if not os.path.isfile(path):
        raise TuimoveError(
            f"{text!r}: not an address, nor a scheduler file; "
            "give HOST:PORT or tcp://HOST:PORT, such as tcp://127.0.0.1:8786",
            about=Input.DASK,
        )
    return _address_in(path)


def _is_address(text: str) -> bool:
    match = ADDRESS.fullmatch(text)
    return match is not None and 0 < int(match["port"]) < 65536


def _address_in(path: Path) -> str:
    """Return the address in a scheduler file; raises as `scheduler_address` does."""
    try:
        with open_regular(path, follows_link=True) as stream:
            table = json.loads(stream.read(MOST_FILE))
    except (OSError, ValueError, RecursionError) as error:
        raise TuimoveError(f"{str(path)!r}: not a scheduler file: {error}", about=Input.DASK) from None
    address = table.get("address") if isinstance(table, dict) else None
    if not isinstance(address, str):
        raise TuimoveError(f'{str(path)!r}: not a scheduler file: it holds no "address"', about=Input.DASK)
    if not _is_address(address):
        raise TuimoveError(
            f"{str(path)!r}: its address {address!r} isn't HOST:PORT or tcp://HOST:PORT", about=Input.DASK
        )
    return address.rstrip("/")


def _require_configuration_files() -> None:
    """Raise a ValueError where Dask would read its configuration from anything but files of a sensible size.

    It reads each to its end when it is imported: a pipe has none, and some devices neither.
    """
    own = Path("~/.config/dask").expanduser()
    for place in (os.environ.get("DASK_ROOT_CONFIG", "/etc/dask"), own, os.environ.get("DASK_CONFIG", own)):
        for path in _configuration_files(Path(place)):
            _require_readable(path)


def _require_readable(path: Path) -> None:
    try:
        status = path.stat()
    except OSError:
        return  # Dask passes over those that it can't read
    if not stat.S_ISREG(status.st_mode) and not path.is_dir() and not path.samefile(os.devnull):
        raise ValueError(f"{shown_path(path)} isn't a regular file, but {kind_at(path)}")
    if status.st_size > MOST_FILE:
        raise ValueError(f"{shown_path(path)} has more than {MOST_FILE:,} bytes")


def _configuration_files(place: Path) -> list[Path]:
    """Return what Dask reads of a place that its configuration may be in: the files in a folder, or one file."""
    if not place.is_dir():
        return [place]
    with suppress(OSError):
        return [path for path in place.iterdir() if path.suffix.lower() in (".json", ".yaml", ".yml")]
    return []


def _require_dask() -> None:
    try:
        import distributed  # noqa: F401
    except ModuleNotFoundError:
        raise TuimoveError("Dask isn't installed here: pip install 'tuimove[dask]'") from None


@contextmanager
def _quiet_dask() -> Iterator[None]:
    """Have Dask log and warn of nothing meanwhile, such as a scheduler that has gone: our own messages report it."""
    from distributed.versions import VersionMismatchWarning

    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings(action="ignore", category=VersionMismatchWarning):
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


@contextmanager
def _configuration_errors() -> Iterator[None]:
    """Turn any exception from Dask's configuration into a TuimoveError of one line."""
    try:
        yield
    except TuimoveError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        variables = ", ".join(sorted(name for name in os.environ if name.startswith("DASK_"))[:MOST_VARIABLES])
        where = f"{variables or 'the DASK_ variables'} and the YAML files in DASK_CONFIG or ~/.config/dask"
        raise TuimoveError(f"Dask can't be used as it is configured: {reason[:300]}; see {where}") from None


def _connect(address: str) -> Client:
    from distributed import Client

    kind = _kind_of_server(address)
    if kind != "Scheduler":
        raise TuimoveError(f"{address!r}: a Dask {kind.lower()} answers there, not the scheduler", about=Input.DASK)
    try:
        return Client(address, timeout=ANSWER_SECONDS, set_as_default=False, name="tuimove")
    except (TimeoutError, OSError):
        raise TuimoveError(f"{address!r}: the Dask scheduler there has stopped answering", about=Input.DASK) from None


def _kind_of_server(address: str) -> str:
    """Return what answers at an address, `Scheduler` or `Worker`.

    `Client` itself waits for ever for a server that accepts the connection and sends nothing.
    """
    try:
        return str(asyncio.run(asyncio.wait_for(_identity(address), ANSWER_SECONDS))["type"])
    except TuimoveError:
        raise
    except (TimeoutError, OSError):
        raise TuimoveError(f"{address!r}: no Dask scheduler answers there", about=Input.DASK) from None
    except Exception as error:  # Dask may raise anything on another program's bytes
        raise TuimoveError(
            f"{address!r}: what answers there is no Dask scheduler ({error})", about=Input.DASK
        ) from None


async def _identity(address: str) -> dict[str, Any]:
    from distributed import rpc

    with _configuration_errors():
        settings = await _connection_settings(address)
    async with rpc(address, connection_args=settings) as server:
        answer: dict[str, Any] = await server.identity()
        return answer


async def _connection_settings(address: str) -> dict[str, Any]:
    """Open a connection with Dask's configuration, read nothing, and return the settings.

    Errors here, except those of the network, are the configuration's and not the server's.
    """
    from distributed.comm.addressing import parse_address
    from distributed.comm.registry import get_backend
    from distributed.security import Security

    for key in TIMES:
        _require_time(key)
    settings: dict[str, Any] = Security().get_connection_args("client")
    scheme, place = parse_address(address)
    try:
        with suppress(TimeoutError, OSError):  # the next attempt may succeed
            (await get_backend(scheme).get_connector().connect(place, **settings)).abort()
    except TypeError:
        if scheme != "tls" or settings["ssl_context"] is not None:
            raise
        raise TuimoveError(f"{address!r}: Dask's configuration names no TLS certificates", about=Input.DASK) from None
    return settings


def _require_time(key: str) -> None:
    """Raise a ValueError when a key of Dask's configuration isn't a duration."""
    from dask.config import get
    from dask.utils import parse_timedelta

    value, seconds = get(key), None
    with suppress(Exception):  # may raise anything
        seconds = parse_timedelta(value, default="s")
    if seconds is None:
        raise ValueError(f"{key} = {value!r} isn't a time, such as 30s")
