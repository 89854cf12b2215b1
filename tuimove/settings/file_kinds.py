"""Recognizes a file by its first bytes, for messages about one of another kind than expected."""

from __future__ import annotations

import re
from typing import NamedTuple

BEGINNING = 512
"""Bytes that identify every kind; a tar archive's mark is at byte 257."""
SHOWN = 4
"""First bytes that a message quotes."""


class FileKind(NamedTuple):
    """A kind of file that may be given by mistake."""

    name: str
    """Name with article, such as "a web page"."""
    advice: str
    """What to do about it; empty for no advice."""
    is_text: bool = False
    """Whether it consists of readable lines."""


AGAIN, UNPACKED = "download it again", "unpack it first"
UTF_32 = FileKind("text in UTF-32", "iconv -f UTF-32 -t UTF-8 converts it")
UTF_16 = FileKind("text in UTF-16", "saved by PowerShell? iconv -f UTF-16 -t UTF-8 converts it")
UNMARKED = tuple(
    (re.compile(pattern), FileKind(f"text in {name}", f"iconv -f {name} -t UTF-8 converts it"))
    for name, pattern in (
        ("UTF-32LE", rb"(?:[\t\n\r -~]\x00\x00\x00){4}"),
        ("UTF-32BE", rb"(?:\x00\x00\x00[\t\n\r -~]){4}"),
        ("UTF-16LE", rb"(?:[\t\n\r -~]\x00){4}"),
        ("UTF-16BE", rb"(?:\x00[\t\n\r -~]){4}"),
    )
)
"""How text begins in these encodings without a byte order mark, where its first four characters are ASCII."""

SIGNATURES: tuple[tuple[bytes, FileKind], ...] = (
    (b"\x1f\x8b", FileKind("gzip data", UNPACKED)),
    (b"PK\x03\x04", FileKind("a zip archive (or NumPy's .npz)", UNPACKED)),
    (b"PK\x05\x06", FileKind("an empty zip archive", AGAIN)),
    (b"BZh", FileKind("bzip2 data", UNPACKED)),
    (b"\xfd7zXZ\x00", FileKind("xz data", UNPACKED)),
    (b"\x28\xb5\x2f\xfd", FileKind("Zstandard data", UNPACKED)),
    (b"\x04\x22\x4d\x18", FileKind("LZ4 data", UNPACKED)),
    (b"\x1f\x9d", FileKind("data compressed with compress", UNPACKED)),
    (b"7z\xbc\xaf\x27\x1c", FileKind("a 7z archive", UNPACKED)),
    (b"Rar!\x1a\x07", FileKind("a RAR archive", UNPACKED)),
    (b"\x89PNG\r\n", FileKind("a PNG picture", "")),
    (b"\xff\xd8\xff", FileKind("a JPEG picture", "")),
    (b"GIF8", FileKind("a GIF picture", "")),
    (b"%PDF", FileKind("a PDF document", "")),
    (b"\x93NUMPY", FileKind("a NumPy .npy array", "")),
    (b"\x89HDF\r\n", FileKind("an HDF5 file", "")),
    (b"PAR1", FileKind("a Parquet file", "")),
    (b"SQLite format 3", FileKind("an SQLite database", "")),
    (b"\xff\xfe\x00\x00", UTF_32),
    (b"\x00\x00\xfe\xff", UTF_32),
    (b"\xff\xfe", UTF_16),
    (b"\xfe\xff", UTF_16),
    (b"version https://git-lfs", FileKind("a Git LFS pointer", "git lfs pull fetches it", True)),
    (b"/annex/objects/", FileKind("a git-annex pointer", "git annex get fetches it", True)),
)
"""Kinds of files by their first bytes."""

TAR_PLACE, TAR = 257, b"ustar"
"""Offset and bytes of a tar archive's mark."""
WEB_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|script)\b", re.IGNORECASE)
XML = re.compile(rb"\s*<\?xml\b", re.IGNORECASE)
PICKLE = re.compile(rb"\x80[\x02-\x05](?:\x95|[\]}(cqK\x8c])")
"""A pickle's first bytes: the protocol, and the first instruction for NumPy arrays, lists and tables."""
JSON = re.compile(rb"\s*[{\[]\s*[\"{\[\]}\d]")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Bytes that some programs write before text in UTF-8."""


def kind_of(beginning: bytes) -> FileKind | None:
    """Return the kind of a file from its first bytes (`BEGINNING` are enough), None where it is unknown."""
    if not beginning:
        return FileKind("empty", AGAIN)
    for signature, kind in SIGNATURES:
        if beginning.startswith(signature):
            return kind
    for pattern, kind in UNMARKED:
        if pattern.match(beginning):
            return kind
    if beginning[TAR_PLACE:].startswith(TAR):
        return FileKind("a tar archive", UNPACKED)
    if PICKLE.match(beginning):
        return FileKind("a Python pickle", "it isn't opened: a pickle can run anything")
    return _kind_of_text(beginning.removeprefix(BYTE_ORDER_MARK))


def _kind_of_text(beginning: bytes) -> FileKind | None:
    if WEB_PAGE.match(beginning):
        return FileKind("a web page", AGAIN, True)
    if XML.match(beginning):
        return FileKind("an XML document", AGAIN, True)
    if JSON.match(beginning):
        return FileKind("JSON", "", True)
    is_text = all(byte in b"\t\n\f\r" or 32 <= byte < 127 for byte in beginning)
    return FileKind("text", "", True) if is_text else None


def described(beginning: bytes, wanted: str) -> str:
    """Describe a file that should be of another kind, without its name.

    As in `begins with '<!DO': a web page, not an IDX file; download it again`.
    """
    kind = kind_of(beginning)
    if not beginning:
        return f"empty, not {wanted}; {AGAIN}"
    name = f"{kind.name}, " if kind else ""
    advice = f"; {kind.advice}" if kind and kind.advice else ""
    return f"begins with {_quoted(beginning)}: {name}not {wanted}{advice}"


def _quoted(beginning: bytes) -> str:
    shown = beginning[:SHOWN]
    if all(32 <= byte < 127 for byte in shown):
        return repr(shown.decode("ascii"))
    return f"0x{shown.hex()}"
