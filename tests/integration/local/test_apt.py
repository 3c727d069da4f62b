from pathlib import Path

import pytest

from deploy.local.apt import services_kept_down


def test_services_are_kept_down_only_for_the_length_of_the_block(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"

    with services_kept_down(policy):
        assert "exit 101" in policy.read_text()
        assert policy.stat().st_mode & 0o111

    assert not policy.exists()


def test_a_policy_of_the_machines_owner_stays(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 104\n")

    with services_kept_down(policy):
        assert policy.read_text() == "#!/bin/sh\nexit 104\n"

    assert policy.read_text() == "#!/bin/sh\nexit 104\n"


def test_a_policy_that_a_killed_run_left_is_taken_away_by_the_next(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    with services_kept_down(policy):
        left = policy.read_text()
    policy.write_text(left)

    with services_kept_down(policy):
        pass

    assert not policy.exists()


def test_a_failed_installation_leaves_no_policy(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"

    with pytest.raises(ValueError, match="no such package"), services_kept_down(policy):
        raise ValueError("no such package")

    assert not policy.exists()
