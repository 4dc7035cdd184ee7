"""Every store sits the exam of `lamina.testing.stores`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lamina.core.protocols import Store
from lamina.store.reference.store import ReferenceStore
from lamina.store.sqlite.store import open_store
from lamina.testing.stores import StoreContract

PATIENCE_S = 0.4


class TestSqliteFile(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = open_store(tmp_path / "memory.db", busy_timeout_s=PATIENCE_S)
        yield store
        store.close()


class TestSqliteInMemory(StoreContract):
    @pytest.fixture
    def store(self) -> Iterator[Store]:
        store = open_store(None, busy_timeout_s=PATIENCE_S)
        yield store
        store.close()


class TestEncryptedFile(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = open_store(tmp_path / "memory.db", busy_timeout_s=2 * PATIENCE_S, key=bytes(32))
        yield store
        store.close()


class TestReference(StoreContract):
    @pytest.fixture
    def store(self) -> Iterator[Store]:
        store = ReferenceStore(busy_timeout_s=PATIENCE_S)
        yield store
        store.close()
