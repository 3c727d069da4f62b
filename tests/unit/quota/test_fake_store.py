import pytest

from tests.unit.quota.fakes import FakeStore
from tests.unit.quota.store_contract import StoreContract


class TestFakeStore(StoreContract):
    @pytest.fixture
    def store(self) -> FakeStore:
        return FakeStore()
