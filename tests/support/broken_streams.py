"""Standard streams of the test's own process that are broken for a while, as a shell would pass them on."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tuimove.recording.standard_streams import (
    STANDARD_ERROR,
    STANDARD_INPUT,
    STANDARD_OUTPUT,
    GuardedErrors,
    GuardedInput,
    GuardedOutput,
)

FULL, UNREAD = "full", "unread"
"""A full disk, and a pipe whose reader has gone."""


@contextmanager
def broken_output(out: str = "", errors: str = "") -> Iterator[None]:
    """Have standard output, standard error or both be broken, in one of the two ways, for what is written meanwhile."""
    with pytest.MonkeyPatch.context() as patch, _pointing(STANDARD_OUTPUT, out), _pointing(STANDARD_ERROR, errors):
        if out:
            patch.setattr(sys, "stdout", _text(GuardedOutput(STANDARD_OUTPUT)))
        if errors:
            patch.setattr(sys, "stderr", _text(GuardedErrors(STANDARD_ERROR)))
        yield


def _text(raw: GuardedErrors) -> io.TextIOWrapper:
    buffer = io.BufferedWriter(raw)  # type: ignore[type-var]
    return io.TextIOWrapper(buffer, line_buffering=raw.fileno() == STANDARD_ERROR)


@contextmanager
def _pointing(descriptor: int, where: str) -> Iterator[None]:
    """Have a descriptor be of something broken; as it is for no `where`."""
    before = os.dup(descriptor)
    if where:
        broken = _opened(where)
        os.dup2(broken, descriptor)
        os.close(broken)
    try:
        yield
    finally:
        os.dup2(before, descriptor)
        os.close(before)


def _opened(where: str) -> int:
    if where == FULL:
        return os.open("/dev/full", os.O_WRONLY)
    ours, theirs = os.pipe()
    os.close(ours)
    return theirs


@contextmanager
def input_from(path: str, flags: int) -> Iterator[None]:
    """Have standard input be what a path names, opened with such flags."""
    descriptor = os.open(path, flags)
    before = os.dup(STANDARD_INPUT)
    os.dup2(descriptor, STANDARD_INPUT)
    os.close(descriptor)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(GuardedInput(STANDARD_INPUT))))
            yield
    finally:
        os.dup2(before, STANDARD_INPUT)
        os.close(before)
