"""Stopping the program as a shell does it (Ctrl-Z), with what it has started, and only where `fg` can follow."""

from __future__ import annotations

import os
import signal

import psutil


def has_job_control() -> bool:
    """Return whether a shell can bring a stopped program back: one of this session that gave it a group of its own.

    Where the terminal runs nothing but this program (`ssh -t host tuimove`, a tmux window's command) there is none.
    """
    group = os.getpgrp()
    try:
        parent = psutil.Process(group).ppid()
        return os.getsid(parent) == os.getsid(0) and os.getpgid(parent) != group
    except (psutil.Error, OSError):
        return False


def stop_group() -> None:
    """Stop this process with all others of its group, such as a script around it: a shell waits for all of them.

    Returns when a shell has them go on. Nobody is told so by a signal: what Textual does then it would do twice.
    """
    before = signal.signal(signal.SIGCONT, signal.SIG_DFL)
    try:
        os.killpg(os.getpgrp(), signal.SIGSTOP)
    finally:
        signal.signal(signal.SIGCONT, before)
