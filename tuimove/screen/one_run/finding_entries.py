"""The text of findings on the screen: what it means and what to do first, then where it was seen and by which rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from textual.content import Content

from tuimove.diagnosis.finding import NOTHING_TO_DO, SEVERITIES, Clock
from tuimove.recording.record import FindingRecord, Record
from tuimove.screen.drawing.axes import format_number
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.short_names import clipped
from tuimove.screen.drawing.symbols import severity_symbol
from tuimove.screen.messages import Told

STYLES = {"notice": "$foreground 60%", "warning": "bold $warning", "alarm": "bold $error"}
MESSAGE_SEVERITY = {"notice": "information", "warning": "warning", "alarm": "error"}
MUTED = "$foreground 60%"
INDENT, NARROW_INDENT = 10, 2
"""Columns before the second line of an entry, and in a narrow list."""
LEAST_FOR_INDENT = 60
"""Least columns of a list whose sentences stand below one another."""


def finding_entry(finding: FindingRecord, clock: Clock, glyphs: Glyphs, width: int) -> Content:
    """Return an entry of the list in lines of at most `width` columns."""
    sign = f"{severity_symbol(finding.severity, glyphs)} {finding.severity}"
    place = f"{clock} {finding.epoch}, {finding.matrix or 'network'}"
    numbers = f"{finding.rule} {format_number(finding.value)}, limit {format_number(finding.limit)}"
    text = Content.assemble(
        (finding.message, "" if finding.severity == "notice" else "bold"), f" {finding.advice} ",
        (f"({place}: {numbers})", MUTED),
    )  # fmt: skip
    if width < LEAST_FOR_INDENT:
        return hanging(Content.styled(f"{sign}  ", STYLES[finding.severity]), text, NARROW_INDENT, width)
    return hanging(Content.styled(f"{sign:<{INDENT}}", STYLES[finding.severity]), text, INDENT, width)


def told_findings(records: Iterable[Record], clock: Clock) -> Iterator[Told]:
    """Yield the findings among new records as messages among others."""
    for finding in records:
        if isinstance(finding, FindingRecord):
            place = f"{clock} {finding.epoch}, {finding.matrix or 'network'}"
            yield Told(f"{finding.severity} at {place}: {finding.message}", MESSAGE_SEVERITY[finding.severity])


def hanging(first: Content, text: Content, indent: int, width: int) -> Content:
    """Return a text behind a first part, its further lines indented."""
    head, *rest = text.wrap(max(1, width - first.cell_length)) or [Content("")]
    lines = [first + head.rstrip()]
    if rest:
        tail = Content(" ").join(line.rstrip() for line in rest)
        lines += [Content(" " * indent) + line.rstrip() for line in tail.wrap(max(1, width - indent))]
    return Content("\n").join(lines)


def remark_entry(remark: str, width: int, glyphs: Glyphs) -> Content:
    """Return what a run's end remarks, in one line."""
    line = f"{'remark':<{INDENT if width >= LEAST_FOR_INDENT else 7}}{remark}"
    return Content.styled(clipped(line, width, glyphs), MUTED)


def needs_nothing(finding: FindingRecord) -> bool:
    """Return whether a finding is one that healthy runs have too."""
    return finding.severity == "notice" and finding.advice == NOTHING_TO_DO


def worst_first(findings: Iterable[FindingRecord]) -> list[FindingRecord]:
    """Return findings with the worst first and the newest of those, and at the end those that need nothing."""
    return sorted(findings, key=lambda one: (needs_nothing(one), -SEVERITIES.index(one.severity), -one.epoch))


def folded_entry(count: int, glyphs: Glyphs, *, is_open: bool) -> Content:
    """Return the line that stands for notices that need nothing, or stands above them."""
    words = f"{count} notice that needs" if count == 1 else f"{count} notices that need"
    deed = "fold" if is_open else "read"
    it = "it" if count == 1 else "them"
    return Content.styled(f"{severity_symbol('notice', glyphs)} {words} nothing: enter to {deed} {it}", MUTED)


def worst_count(findings: Sequence[FindingRecord], glyphs: Glyphs) -> Content:
    """Return how many findings of the worst severity there are, in its colour; empty for notices alone."""
    counts = Counter(finding.severity for finding in findings)
    for severity in reversed(SEVERITIES[1:]):
        if count := counts[severity]:
            words = f"{severity_symbol(severity, glyphs)} {count} {severity}{'s' if count > 1 else ''}"
            return Content.styled(words, STYLES[severity])
    return Content("")
