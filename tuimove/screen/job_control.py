"""Suspends the program as Ctrl-Z does, with its children, where the shell's `fg` can resume it."""

from __future__ import annotations

import os
import signal

import psutil


def has_job_control() -> bool:
    """Return whether a shell can resume a stopped program: one in this session that gave it a group of its own.

    Where the terminal runs only this program (`ssh -t host tuimove`, a tmux window's command) there is none.
    """
    group = os.getpgrp()
    try:
        parent = psutil.Process(group).ppid()
        return os.getsid(parent) == os.getsid(0) and os.getpgid(parent) != group
    except (psutil.Error, OSError):
        return False


def stop_group() -> None:
    """Stop this process and its group, such as a script around it: a shell waits for all of them.

    Returns when a shell resumes them. SIGCONT has its default effect meanwhile: Textual's handler would repeat its
    work.
    """
    before = signal.signal(signal.SIGCONT, signal.SIG_DFL)
    try:
        os.killpg(os.getpgrp(), signal.SIGSTOP)
    finally:
        signal.signal(signal.SIGCONT, before)
