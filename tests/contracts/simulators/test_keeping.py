"""What a snapshot may hold, and what it says when it holds something else."""

import hashlib
import io
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.simulators.hubspot.object_types import CONTACT
from tests.simulators.hubspot.portal import Portal
from tests.simulators.hubspot.settings import Settings
from tests.simulators.machinery.control import Machinery
from tests.simulators.machinery.pickling import Unpickler
from tests.simulators.machinery.snapshot import DIGEST, MAGIC, Keeper
from tests.simulators.machinery.snapshot_errors import SnapshotError

CONSTANTS = {"contact": CONTACT}


def keeper(path: Path) -> Keeper:
    return Keeper(path, "a portal", Portal(Settings(), Machinery()), CONSTANTS)


def resigned(path: Path, old: bytes, new: bytes) -> None:
    """Exchange something in a file, and make its check sum right again."""
    content = path.read_bytes()[:-DIGEST]
    assert old in content
    content = content.replace(old, new)
    path.write_bytes(content + hashlib.sha256(content).digest())


def test_there_is_nothing_to_load_at_first(tmp_path: Path) -> None:
    assert keeper(tmp_path / "state").load_if_there() is False


@pytest.mark.parametrize(
    "content",
    [b"", b"name,email\nAda,ada@example.com\n", b"\x80\x05K\x01.", bytes(range(256)) * 10],
)
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state").write_bytes(content)
    with pytest.raises(SnapshotError, match="it is no snapshot of a simulator"):
        keeper(tmp_path / "state").load_if_there()
    assert (tmp_path / "state").read_bytes() == content


def damages(whole: bytes) -> list[bytes]:
    """A flipped bit at several places, what was cut off, what was added."""
    flipped = [
        whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        for at in (len(MAGIC) + 3, len(whole) // 2, len(whole) - DIGEST - 1, len(whole) - 1)
    ]
    return [*flipped, whole[:-1], whole[: len(whole) // 2], whole[: len(MAGIC)], whole + b"x"]


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    keeper(tmp_path / "state").save()
    for content in damages((tmp_path / "state").read_bytes()):
        (tmp_path / "state").write_bytes(content)
        with pytest.raises(SnapshotError, match="it is damaged"):
            keeper(tmp_path / "state").load_if_there()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"format": 1', b'"format": 9', "it has format 9, this simulator reads 1"),
        (b'"shape": "', b'"shape": "0', "it was written by another version of the simulator"),
        (b"email_events", b"email_eventz", "it was written by another version of the simulator"),
    ],
)
def test_another_version_is_refused(tmp_path: Path, old: bytes, new: bytes, reason: str) -> None:
    keeper(tmp_path / "state").save()
    resigned(tmp_path / "state", old, new)
    with pytest.raises(SnapshotError, match=reason):
        keeper(tmp_path / "state").load_if_there()


class Acting:
    """What a file must not be able to do."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.unlink, (Path("victim"),)


def test_a_file_cannot_make_anything_act() -> None:
    with pytest.raises(SnapshotError, match="no part of a state"):
        Unpickler(io.BytesIO(pickle.dumps(Acting())), {}).load()


def test_a_method_of_a_value_is_refused() -> None:
    asked = pickle.dumps(["x".upper])
    with pytest.raises(SnapshotError, match="no part of a state"):
        Unpickler(io.BytesIO(asked), {}).load()


def test_what_cannot_be_kept_is_named_and_leaves_the_old_file(tmp_path: Path) -> None:
    one = keeper(tmp_path / "state")
    one.save()
    before = (tmp_path / "state").read_bytes()
    one.root.lists.strange = threading.Lock()
    with pytest.raises(SnapshotError, match="NOT_KEPT"):
        one.save()
    assert (tmp_path / "state").read_bytes() == before
    assert before.startswith(MAGIC)
    assert [one.name for one in tmp_path.iterdir()] == ["state"]


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SnapshotError, match="cannot be written"):
        keeper(tmp_path / "file" / "state").save()


def test_events_under_way_are_delivered_again(tmp_path: Path) -> None:
    one = keeper(tmp_path / "state")
    sender = one.root.sender
    sender.url = "http://127.0.0.1:9/"
    sender.put([{"eventId": 1}, {"eventId": 2}])
    sender._under_way = {one.number: one for one in sender._due_batch()}
    assert sender.quiet()["pending_webhooks"] == 2
    one.save()
    again = keeper(tmp_path / "state")
    assert again.load_if_there() is True
    assert again.root.sender.quiet()["pending_webhooks"] == 2
    assert [entry.event["eventId"] for entry in sorted(again.root.sender._queue)] == [1, 2]
    assert again.root.sender.url == ""
