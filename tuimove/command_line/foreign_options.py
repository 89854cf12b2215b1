"""Hints for unknown options: names that other programs use, and the tuimove option with the same effect."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from tuimove.errors import nearest_of
from tuimove.settings.key_names import CPU_ONLY, KEY, by_alias, key_of, why_absent

OPTIONS = {
    "--data": "dataset d data-dir data-path root",
    "--threads": "workers num-workers jobs j t n-jobs cpus cores nproc",
    "--out": "output o out-dir output-dir save-dir save log-dir logdir",
    "--seed": "random-seed random-state s",
    "--no-ui": "headless no-gui no-tui cli",
    "--quiet": "silent",
    "--no-store": "no-save dry-run",
}
"""Our options with their names in other programs."""
OURS = by_alias(OPTIONS)

WORDS = {
    "words go to stderr anyway, and --quiet leaves them out": "verbose v debug log-level",
    "with --no-ui the records on stdout are JSON, one object a line": "json jsonl format",
    "a run is never overwritten; --out DIR names another folder": "force overwrite f",
    "tuimove resume RUN goes on with a run": "resume checkpoint",
    "PRESET is the word after run, a name or a TOML file": "config c cfg preset",
}
"""Hints for options without an equivalent, with those options' names."""
SAID = by_alias(WORDS)
TRAINING = ("run", "resume")
"""Commands to which these hints apply."""
KEPT_PRESET = "a resumed run keeps the preset that it was begun with"

COMMANDS = {"train": "run", "start": "run", "fit": "run", "list": "runs", "ls": "runs", "ps": "runs",
            "continue": "resume", "restart": "resume", "show": "replay",
            "plot": "report"}  # fmt: skip
"""Commands by their names in other programs."""


def answer_unknown(usage: str, unknown: Sequence[str], given: Sequence[str], own: Collection[str]) -> str:
    """Return a hint about arguments that a command lacks.

    Parameters
    ----------
    usage
        The command with what it takes besides options, such as `tuimove run PRESET`.
    unknown
        Arguments that the parser left over, options and values mixed.
    given
        The whole command line, where values follow their options.
    own
        The command's options.
    """
    answers = [answer for word in unknown for answer in _answers(usage, word, given, own)]
    if answers:
        return "; ".join(dict.fromkeys(answers))
    first = unknown[0].partition("=")[0].lstrip("-")
    stripped = {option.lstrip("-"): option for option in own}
    near = nearest_of(first, stripped) if len(first) > 1 else ""  # a letter is near to many
    for name, option in stripped.items():
        near = near.replace(f"'{name}'", f"'{option}'")
    return f"unrecognized arguments: {' '.join(unknown)}{near}"


def _answers(usage: str, word: str, given: Sequence[str], own: Collection[str]) -> Iterator[str]:
    option, _, value = word.partition("=")
    name = option.lstrip("-").lower().replace("_", "-")
    is_option = option.startswith("-")
    if is_option and option in own:  # it stands before the command
        yield f"{option}: goes after the command; write {usage} {option}"
        return
    if usage.split()[1] not in TRAINING:
        return
    value = value or _value_after(word, given)
    if not is_option:
        if "=" in word and "--set" in own and (key_of(name.rpartition(".")[2]) or "." in name):
            yield f"{word}: write --set {word}"
    elif (ours := OURS.get(name)) in own:
        yield f"{option}: no such option; write {ours}{f' {value}' if value and ours not in FLAGS else ''}"
    elif words := SAID.get(name) or _why_absent(name, own):
        yield f"{option}: no such option; {words}"
    elif key := key_of(name):
        yield f"{option}: no such option; {_key_answer(key, value, own)}"
    elif name == "set":
        yield f"{option}: {KEPT_PRESET}"


def _why_absent(name: str, own: Collection[str]) -> str:
    """Return why there is no such option, with what takes its place where the command has that."""
    words = why_absent(name)
    if words == CPU_ONLY:
        return f"{words}; --threads N says with how many threads"
    return KEY.sub(r"--set \g<0>", words) if "--set" in own else words.partition(";")[0]


FLAGS = ("--no-ui", "--quiet", "--no-store")
"""Our options without a value."""


def _key_answer(key: str, value: str, own: Collection[str]) -> str:
    return f"write --set {key}={value or 'VALUE'}" if "--set" in own else KEPT_PRESET


def _value_after(word: str, given: Sequence[str]) -> str:
    """Return the argument after an option, unless it is an option too."""
    place = given.index(word) + 1 if word in given else len(given)
    after = given[place] if place < len(given) else ""
    return "" if after.startswith("-") and not after[1:2].isdigit() else after
