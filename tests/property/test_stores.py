"""Random lives: SQLite and the reference store answer alike after every step."""

from collections.abc import Callable

from hypothesis import HealthCheck, settings

from lamina.core.protocols import Store
from lamina.store.sqlite.store import open_store
from lamina.testing.machine import StoreMachine


class SqliteMachine(StoreMachine):
    def open_store(self, salts: Callable[[int], bytes]) -> Store:
        return open_store(None, entropy=salts)


class EncryptedMachine(StoreMachine):
    def open_store(self, salts: Callable[[int], bytes]) -> Store:
        return open_store(None, entropy=salts, key=bytes(32))


RANDOM_LIVES = settings(
    max_examples=10,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestSqliteAgainstReference = SqliteMachine.TestCase
TestSqliteAgainstReference.settings = RANDOM_LIVES
TestEncryptedAgainstReference = EncryptedMachine.TestCase
TestEncryptedAgainstReference.settings = RANDOM_LIVES
