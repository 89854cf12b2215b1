"""What keys do, in words: the short ones of the footer, and the deeds that the help and the palette list.

Both come from the bindings. A binding's description is its deed, such as `show the next matrix`. Its short word is that
of its group, or stands here, by its action.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

Section = Literal["Steer", "See", "Leave"]

KEY_NAMES = {
    "left_square_bracket": "[", "right_square_bracket": "]", "question_mark": "?", "slash": "/", "plus": "+",
    "minus": "-", "equals_sign": "=", "escape": "esc", "comma": ",", "full_stop": ".", "colon": ":",
    "number_sign": "#",
    "less_than_sign": "<", "greater_than_sign": ">", "left": "←", "right": "→", "up": "↑", "down": "↓",
    "pagedown": "page↓", "pageup": "page↑",
}  # fmt: skip

PLAIN_NAMES = {"page↓": "pgdn", "page↑": "pgup", "←": "left", "→": "right", "↑": "up", "↓": "down"}
"""Names of keys where only ASCII is shown: `^` would be Ctrl, and `v`, `<` and `>` are keys of their own."""
MODIFIERS = {"ctrl": "^", "shift": "shift+"}

GROUPS: Sequence[Mapping[str, str]] = (
    {
        "toggle_pause": "pause", "walk_time": "step", "select": "open", "open_run": "open", "accept": "train",
        "walk_choice": "choose", "edit": "edit", "scale_rate": "rate", "ask_to_stop": "ask it to stop",
        "mark": "mark", "filter": "filter", "app.detach": "background",
    },
    {"show_panel": "panels", "app.show_help": "help"},
    {
        "walk_quantity": "quantity", "next_matrix": "matrix", "next_wrong": "next wrong", "walk_neurons": "neuron",
        "toggle_movement": "movement", "toggle_log_x": "log x", "toggle_log_y": "log y", "toggle_smooth": "smooth",
        "next_axis": "axis", "next_order": "sort", "filter_findings": "filter",
    },
    {"go_back": "back", "cancel": "back", "dismiss": "close", "app.quit": "quit"},
)  # fmt: skip
"""Short words of actions in groups, in the order of the footer: steering, places, what is seen, and leaving."""
SEEING = 2
"""Group of an action without a short word."""
FIRST = ("leave", "submit", "toggle_pause", "select", "open_run", "accept", "dismiss", "app.show_help", "go_back",
         "cancel", "walk_choice", "scale_rate", "app.quit", "mark", "edit", "app.detach", "show_panel",
         "walk_time")  # fmt: skip
"""Actions that get room in the footer before all others, the most important first."""

LEAVING = frozenset(("app.quit", "quit", "app.detach", "app.pick_preset", "go_back", "cancel", "dismiss",
                     "suspend_process"))  # fmt: skip
STEERED = frozenset(("toggle_pause", "one_epoch", "scale_rate", "keep_snapshot", "finish_now", "restart", "ask_to_stop",
                     "walk_time", "leap_time", "go_to_start", "go_to_end", "select", "open_run", "accept", "edit",
                     "walk_choice"))  # fmt: skip

OPPOSITE = {"cursor_up": "cursor_down", "app.focus_previous": "app.focus_next"}
"""Actions that are shown together with another."""


@dataclass(frozen=True)
class FooterEntry:
    """One action in the footer."""

    group: int
    keys: str
    """Its keys as they are shown, such as `[ ]` or `1-5`."""
    word: str
    pressed: str
    """The key that a click stands for."""
    rank: int
    """Place among all actions that want room, 0 for the most important."""


def action_of(binding: Binding) -> str:
    """Return a binding's action without its parameters."""
    return binding.action.partition("(")[0]


def _joined_action(binding: Binding) -> str:
    action = action_of(binding)
    return OPPOSITE.get(action, action)


def is_missing(binding: Binding, missing: Collection[str]) -> bool:
    """Return whether a binding's action is among those that a screen lacks, which are named without `app.`."""
    return action_of(binding).removeprefix("app.") in missing


def section_of(binding: Binding) -> Section:
    """Return the heading in the help under which a deed stands."""
    action = action_of(binding)
    return "Leave" if action in LEAVING else "Steer" if action in STEERED else "See"


def key_name(key: str) -> str:
    """Return a key's name as people write it."""
    modifier, _, last = key.rpartition("+")
    return f"{MODIFIERS.get(modifier, modifier)}{KEY_NAMES.get(last, last)}"


def plain_keys(text: str, app: object) -> str:
    """Return a text that names keys, in words where an application shows only ASCII."""
    if getattr(app, "is_plain", False):
        for sign, word in PLAIN_NAMES.items():
            text = text.replace(sign, word)
    return text


def footer_entries(bindings: Iterable[Binding]) -> list[FooterEntry]:
    """Return an entry for each action of the bindings that want to be shown, in the order of the footer."""
    order = [action for group in GROUPS for action in group]
    by_action: dict[str, dict[str, Binding]] = {}
    for binding in bindings:
        if binding.show and binding.description:
            by_action.setdefault(_joined_action(binding), {}).setdefault(binding.action, binding)
    known = sorted(by_action, key=lambda action: order.index(action) if action in order else len(order))
    ranks = [*FIRST, *(action for action in known if action not in FIRST)]
    entries = [_entry(action, list(by_action[action].values()), ranks.index(action)) for action in known]
    return sorted(entries, key=lambda entry: entry.group)


def _entry(action: str, bindings: Sequence[Binding], rank: int) -> FooterEntry:
    group = next((place for place, words in enumerate(GROUPS) if action in words), SEEING)
    keys = [binding.key_display or key_name(binding.key) for binding in bindings]
    own = bindings[0].group
    word = own.description if own else GROUPS[group].get(action, bindings[0].description)
    return FooterEntry(group, _span(keys), word, bindings[0].key, rank)


def _span(keys: Sequence[str]) -> str:
    """Return keys beside one another; digits in a row as a span."""
    if len(keys) > 1 and all(map(str.isdigit, keys)):
        return f"{min(keys)}-{max(keys)}"
    return " ".join(dict.fromkeys(keys))


def listed_deeds(bindings: Iterable[Binding]) -> list[tuple[str, str]]:
    """Return the keys and the deed of each action; deeds of one action that differ in a word become one."""
    by_action: dict[str, list[Binding]] = {}
    for binding in bindings:
        if binding.description:
            by_action.setdefault(_joined_action(binding), []).append(binding)
    return [(_all_keys(group), merged_words([one.description for one in group])) for group in by_action.values()]


def _all_keys(bindings: Iterable[Binding]) -> str:
    """Return the first key of each binding, and then the others."""
    split = [[key_name(key) for key in binding.key.split(",")] for binding in bindings]
    firsts, others = [names[0] for names in split], [name for names in split for name in names[1:]]
    return " ".join(filter(None, [_span(sorted(firsts) if _are_digits(firsts) else firsts), *others]))


def _are_digits(names: Iterable[str]) -> bool:
    return all(map(str.isdigit, names))


def merged_words(deeds: Iterable[str]) -> str:
    """Return several deeds in one: `zoom in` and `zoom out` as `zoom in or out`."""
    distinct = [deed.split() for deed in dict.fromkeys(deeds)]
    begin, end = _shared(distinct), _shared([words[::-1] for words in distinct])
    end = min(end, min(map(len, distinct)) - begin)
    if len(distinct) == 1 or not begin + end:
        return " or ".join(" ".join(words) for words in distinct)
    middles = [" ".join(words[begin : len(words) - end]) for words in distinct]
    said = " or ".join(filter(None, [", ".join(middles[:-1]), middles[-1]]))
    return " ".join(filter(None, [*distinct[0][:begin], said, *distinct[0][len(distinct[0]) - end :]]))


def _shared(lists: Sequence[Sequence[str]]) -> int:
    """Return how many words all lists begin with."""
    shared = 0
    for words in zip(*lists, strict=False):
        if len(set(words)) > 1:
            break
        shared += 1
    return shared
