"""The whole state of a simulator in one file.

Three parts: a line that says what the file is, a line of JSON that says of whom and of which
version, the state, and the SHA-256 of all that. It is written beside its place and moved there
when it is complete, so a file that is there is whole.
"""

import hashlib
import json
import os
import pickle
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.simulators.machinery.garbage import growing
from tests.simulators.machinery.parts import Parts, parts_of, put_back, state_of
from tests.simulators.machinery.pickling import Pickler, Unpickler
from tests.simulators.machinery.shapes import shape
from tests.simulators.machinery.snapshot_errors import SnapshotError

MAGIC = b"causeway simulator snapshot\n"
FORMAT = 1
"""Grows when the file is laid out otherwise."""
DIGEST = 32
PIECE = 1 << 20
MAX_HEADER = 4_096
"""Bytes of the second line: a damaged file may have no line at all."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Writes and reads the state of one simulator.

    ``owner`` says whose state it is, such as ``hubspot portal 111``; ``constants`` are values that
    are the same in every process and are compared by identity. Both errors of the file system and
    of the content come as SnapshotError.
    """

    path: Path
    owner: str
    root: Any
    constants: Parts
    shape: str = field(default_factory=shape)

    def load_if_there(self) -> bool:
        """Let everything be as it was written, if the file exists. SnapshotError otherwise."""
        if not self.path.exists():
            return False
        try:
            with self.path.open("rb") as file, growing():
                self._read(file)
        except SnapshotError as wrong:
            raise SnapshotError(self._refusal(str(wrong))) from wrong
        except (OSError, EOFError, pickle.UnpicklingError, AttributeError, ImportError) as wrong:
            raise SnapshotError(self._refusal(f"it is damaged ({wrong})")) from wrong
        return True

    def _refusal(self, why: str) -> str:
        return (
            f"{self.path} cannot be loaded as the snapshot of {self.owner}: {why}. Remove the file "
            "or name another one, and seed anew."
        )

    def save(self) -> int:
        """Write everything; the size of the file in bytes. SnapshotError if that cannot be."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        except OSError as wrong:
            raise SnapshotError(f"{self.path} cannot be written: {wrong}") from wrong
        try:
            with os.fdopen(handle, "wb") as file:
                self._write(file)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except (OSError, pickle.PicklingError, TypeError, AttributeError) as wrong:
            raise SnapshotError(f"{self.path} cannot be written: {wrong}") from wrong
        finally:
            Path(name).unlink(missing_ok=True)
        return self.path.stat().st_size

    def _write(self, file: IO[bytes]) -> None:
        summing = _Summing(file)
        summing.write(MAGIC + self._header() + b"\n")
        parts = parts_of(self.root)
        Pickler(summing, {**parts, **self.constants}).dump(state_of(parts, self.constants))
        file.write(summing.digest.digest())

    def _header(self) -> bytes:
        return json.dumps({"format": FORMAT, "of": self.owner, "shape": self.shape}).encode()

    def _read(self, file: IO[bytes]) -> None:
        if file.readline(len(MAGIC)) != MAGIC:
            raise SnapshotError("it is no snapshot of a simulator")
        header = file.readline(MAX_HEADER).rstrip(b"\n")
        start = file.tell()
        _check_sum(file)
        self._check(header)
        file.seek(start)
        parts = parts_of(self.root)
        state = Unpickler(file, {**parts, **self.constants}).load()
        put_back(parts, self.constants, state)

    def _check(self, header: bytes) -> None:
        told = json.loads(header)
        if told["format"] != FORMAT:
            raise SnapshotError(f"it has format {told['format']}, this simulator reads {FORMAT}")
        if told["of"] != self.owner:
            raise SnapshotError(f"it is the state of {told['of']}")
        if told["shape"] != self.shape:
            raise SnapshotError("it was written by another version of the simulator")


class _Summing:
    """A file to write to that adds up what is written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes, /) -> int:
        self.digest.update(data)
        return self._file.write(data)


def _check_sum(file: IO[bytes]) -> None:
    """SnapshotError unless the file is as long and as it was when it was written."""
    left = file.seek(0, os.SEEK_END) - DIGEST
    file.seek(0)
    digest = hashlib.sha256()
    while left > 0 and (piece := file.read(min(PIECE, left))):
        digest.update(piece)
        left -= len(piece)
    if digest.digest() != file.read():
        raise SnapshotError("it is damaged: its check sum is wrong")
