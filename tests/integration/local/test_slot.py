import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.local.account import Account
from deploy.local.process import ServerFailedError
from deploy.local.slot import SLOTS, claimed, hold, home_of, place


def test_two_runs_at_once_get_two_folders_and_the_next_gets_the_first_again(tmp_path: Path) -> None:
    with claimed(tmp_path, "dev") as first:
        with claimed(tmp_path, "dev") as second, claimed(tmp_path, "demo") as other:
            assert first == tmp_path / ".local" / "dev-1"
            assert second == tmp_path / ".local" / "dev-2"
            assert other == tmp_path / ".local" / "demo-1"
            with hold(first) as held:
                assert not held
        with claimed(tmp_path, "dev") as again:
            assert again == second
    with claimed(tmp_path, "dev") as again:
        assert again == first


def test_too_many_runs_at_once(tmp_path: Path) -> None:
    with ExitStack() as stack:
        for _ in range(SLOTS):
            stack.enter_context(claimed(tmp_path, "dev"))
        with pytest.raises(ServerFailedError, match=r"all 8 instances .*dev-\* are in use"):
            stack.enter_context(claimed(tmp_path, "dev"))


@pytest.mark.parametrize("name", ["", "../x", "a-1", "A", "a/b"])
def test_a_name_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(ServerFailedError, match="instance name"), claimed(tmp_path, name):
        pass


def test_data_lies_in_the_slot_for_its_owner_alone(tmp_path: Path) -> None:
    home = home_of(tmp_path, "postgres", None)

    assert home == tmp_path / "postgres"
    assert home.stat().st_mode & 0o777 == 0o700
    assert home_of(tmp_path, "postgres", None) == home


def test_data_moves_to_where_its_user_can_go_and_is_found_again(tmp_path: Path) -> None:
    """An account whose folder cannot be entered: as root, another user behind a closed door."""
    account = Account("nobody", 65534, 65534) if os.geteuid() == 0 else None
    tmp_path.chmod(0o700)

    home = home_of(tmp_path, "postgres", account)

    assert (home == tmp_path / "postgres") == (account is None)
    assert account is None or home.stat().st_uid == account.uid
    assert home_of(tmp_path, "postgres", account) == home
    home.rmdir()
    new_home = home_of(tmp_path, "postgres", account)
    assert new_home.is_dir()
    new_home.rmdir()


def test_a_placed_file_is_for_one_user_only(tmp_path: Path) -> None:
    place(tmp_path / "password", "first", None)
    file = place(tmp_path / "password", "second", None)

    assert file.read_text() == "second"
    assert file.stat().st_mode & 0o777 == 0o600
