"""Installation keys of package versions at rest: encrypted, each bound to its installation."""

from uuid import UUID

from shared.security.keyring import KeyRing


class Vault:
    """The `Vault` port over the deployment's key ring."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def seal(self, installation_id: UUID, password: str) -> str:
        """The key, so that only this installation can open it."""
        return self._ring.encrypt(password.encode(), context=place_of(installation_id))

    def open(self, installation_id: UUID, sealed: str) -> str | None:
        """The key in the clear, None where there is none; DecryptionError for a foreign one."""
        if not sealed:
            return None
        return self._ring.decrypt(sealed, context=place_of(installation_id)).decode()


def place_of(installation_id: UUID) -> str:
    """The place that an installation key is bound to."""
    return f"installation/{installation_id}/password"
