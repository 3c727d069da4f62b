import pytest

from tests.fakes.contact_sync.stage import Stage


@pytest.fixture
def stage() -> Stage:
    """The usual mappings, nobody anywhere."""
    return Stage.build()
