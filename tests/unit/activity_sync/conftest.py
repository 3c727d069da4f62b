import pytest

from tests.fakes.activity_sync.stage import Stage


@pytest.fixture
def stage() -> Stage:
    """A running connection with empty worlds."""
    return Stage.build()
