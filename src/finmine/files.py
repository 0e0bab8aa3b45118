"""Writing files whole or not at all: a reader never meets half a file, and a failure leaves what was there."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from finmine.errors import Refusal

_FULL = frozenset(getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG", "EIO", "EROFS") if hasattr(errno, name))


class CannotWrite(Refusal):
    """A file cannot be written where it was asked for."""

    def __init__(self, target: Path, reason: str) -> None:
        self.target = target
        self.reason = reason
        super().__init__(
            f"a file is written only into a folder that exists and that you may write to. "
            f"{str(target)!r} cannot be written: {reason}. Create the folder or name another place."
        )


def write_atomically(target: Path, data: bytes | str) -> None:
    """Write bytes, or text as UTF-8 with its line ends as they are, so that ``target`` is the old file or the whole new one.

    Raises:
        CannotWrite: see ``replacing``.
    """
    with replacing(target) as draft:
        draft.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)


def check_place(target: Path) -> None:
    """Refuse a place that cannot be written to, before the work whose outcome it is to hold; what stands there stays.

    Raises:
        CannotWrite: see ``replacing``.
    """
    place = target.resolve()
    _permissions(target, place)
    _draft(target, place).unlink()


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give the path of an empty draft in the target's folder, which takes the target's place when the block ends well.

    The draft keeps the target's suffix (writers choose formats by it), reaches the disk before it takes the place, has
    the permissions of the file it replaces (else those of any new file), and is removed when the block raises.
    Where the target is a symbolic link, the file it points to is replaced and the link stays.

    Raises:
        CannotWrite: the folder does not exist or may not be written to, the target is a folder, a device or
            write-protected, or the disk is full.
    """
    place = target.resolve()
    mode = _permissions(target, place)
    draft = _draft(target, place)
    try:
        if mode is not None:
            draft.chmod(mode)
        yield draft
        if mode is not None:
            draft.chmod(mode)
        _flush(draft)
        os.replace(draft, place)
    except BaseException as error:
        draft.unlink(missing_ok=True)
        if isinstance(error, OSError) and (error.errno in _FULL or str(error.filename) == str(draft)):
            raise CannotWrite(target, error.strerror or str(error)) from error
        raise
    _flush_folder(place.parent)


def _permissions(target: Path, place: Path) -> int | None:
    """The permissions of the file to be replaced; nothing where there is none yet."""
    if not place.parent.is_dir():
        raise CannotWrite(target, f"there is no folder {str(place.parent)!r}")
    try:
        found = place.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotWrite(target, error.strerror or str(error)) from error
    if stat.S_ISDIR(found.st_mode):
        raise CannotWrite(target, "it is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise CannotWrite(target, "it is not an ordinary file")
    if not os.access(place, os.W_OK):
        raise CannotWrite(target, "it is write-protected")
    return stat.S_IMODE(found.st_mode)


def _draft(target: Path, place: Path) -> Path:
    draft = place.with_name(f".finmine-{secrets.token_hex(8)}{place.suffix}")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        raise CannotWrite(target, error.strerror or str(error)) from error
    return draft


def _flush(draft: Path) -> None:
    with draft.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the new name itself survive a loss of power, where the system lets a folder be flushed."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass  # some network folders refuse; the file itself is on the disk
    finally:
        os.close(handle)
