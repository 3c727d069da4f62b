import pytest

from tests.unit.connection.fakes import FakeStore
from tests.unit.connection.store_contract import StoreContract


class TestFakeStore(StoreContract):
    @pytest.fixture
    def store(self) -> FakeStore:
        return FakeStore()
