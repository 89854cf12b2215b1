"""A connection to the scheduler of an existing Dask cluster, or what is wrong with its address, told within seconds.

Who works there is for `dask_workforce.py`. Dask is an extra and slow to import, so it comes after the address.
"""

from __future__ import annotations

import asyncio
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from tuimove.errors import TuimoveError

if TYPE_CHECKING:
    from distributed import Client

ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?(?:[^\s/:\[\]]+|\[[0-9A-Fa-f:.%]+\]):(?P<port>\d{1,5})")
ANSWER_SECONDS = 4.0
"""How long a scheduler may take to answer; it is asked anew all the while."""


@contextmanager
def connected_client(address: str) -> Iterator[Client]:
    """Connect to the scheduler at an address, for as long as an experiment takes.

    Raises
    ------
    TuimoveError
        When that is no address, Dask isn't installed, or no Dask scheduler answers there.
    """
    require_dask(address)
    client = _connect(address)
    try:
        yield client
    finally:
        with suppress(Exception):  # the scheduler may be what has gone
            client.close(timeout=2)


def require_dask(address: str) -> None:
    """Raise a TuimoveError when that is no address of a scheduler, or Dask isn't installed."""
    match = ADDRESS.fullmatch(address)
    if not match or not 0 < int(match["port"]) < 65536:
        raise TuimoveError(
            f"--dask {address!r}: not an address; give HOST:PORT or tcp://HOST:PORT, such as tcp://127.0.0.1:8786"
        )
    try:
        import distributed  # noqa: F401
    except ModuleNotFoundError:
        raise TuimoveError("--dask: Dask isn't installed here: pip install 'tuimove[dask]'") from None


def _connect(address: str) -> Client:
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is told in our own words
    warnings.simplefilter("ignore", VersionMismatchWarning)
    kind = _kind_of_server(address)
    if kind != "Scheduler":
        raise TuimoveError(f"--dask {address!r}: a Dask {kind.lower()} answers there, not the scheduler")
    try:
        return Client(address, timeout=ANSWER_SECONDS, set_as_default=False, name="tuimove")
    except (TimeoutError, OSError):
        raise TuimoveError(f"--dask {address!r}: the Dask scheduler there has stopped answering") from None


def _kind_of_server(address: str) -> str:
    """Return what answers at an address, `Scheduler` or `Worker`.

    `Client` itself waits for ever for a server that takes its connection and says nothing.
    """
    try:
        return str(asyncio.run(asyncio.wait_for(_identity(address), ANSWER_SECONDS))["type"])
    except (TimeoutError, OSError):
        raise TuimoveError(f"--dask {address!r}: no Dask scheduler answers there") from None
    except TypeError as error:
        if "TLS" not in str(error):
            raise
        raise TuimoveError(f"--dask {address!r}: Dask's configuration names no TLS certificates") from None
    except Exception as error:  # whatever Dask makes of another program's bytes
        raise TuimoveError(f"--dask {address!r}: what answers there is no Dask scheduler ({error})") from None


async def _identity(address: str) -> dict[str, Any]:
    from distributed import rpc
    from distributed.security import Security

    async with rpc(address, connection_args=Security().get_connection_args("client")) as server:
        answer: dict[str, Any] = await server.identity()
        return answer
