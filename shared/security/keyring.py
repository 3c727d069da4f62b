"""Secrets at rest: AES-256-GCM with named keys, bound to the place where they are stored."""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kernel.errors import FatalError

KEY_BYTES = 32  # AES-256
NONCE_BYTES = 12  # the nonce size that GCM is defined for
VERSION = "v1"
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")  # no separator of the envelope or of the ring
_PARTS = 4


class KeyRingError(FatalError):
    """The configured key ring cannot be read."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="key_ring_invalid")


class DecryptionError(FatalError):
    """An envelope cannot be opened: wrong key, wrong place, or damaged."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="decryption_failed")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Named AES-256 keys; the current one encrypts, every one decrypts.

    An envelope is `v1.<key id>.<nonce>.<ciphertext and tag>` (URL-safe base64). The context,
    such as `connection/<uuid>/<field>`, is authenticated with it, so that an envelope copied to
    another row or column does not open.
    """

    current_id: str
    _keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read `kid:base64-of-32-bytes[,kid2:...]`; the first key is the current one.

        Raises KeyRingError that names the position, never the key.
        """
        keys: dict[str, bytes] = {}
        for position, part in enumerate(text.split(","), start=1):
            key_id, _, encoded = part.strip().partition(":")
            if not _KEY_ID.fullmatch(key_id) or key_id in keys:
                raise KeyRingError(
                    f"Key {position} of CAUSEWAY_KEY_RING has no usable id. Each entry is "
                    "id:base64-of-32-bytes; ids are unique and made of letters, digits, - and _."
                )
            keys[key_id] = _decode_key(encoded, position)
        return cls(next(iter(keys)), keys)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all keys, the current one first."""
        return tuple(self._keys)

    def encrypt(self, plain: bytes, *, context: str) -> str:
        """Seal `plain` with the current key for the place that `context` names."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self._keys[self.current_id]).encrypt(nonce, plain, context.encode())
        return ".".join((VERSION, self.current_id, _text(nonce), _text(sealed)))

    def decrypt(self, envelope: str, *, context: str) -> bytes:
        """Open an envelope; DecryptionError when it was not sealed for `context` by a known key."""
        key_id, nonce, sealed = _open(envelope)
        key = self._keys.get(key_id)
        if key is None:
            raise DecryptionError(
                f"The secret at {context} was encrypted with key {key_id!r}, which "
                "CAUSEWAY_KEY_RING does not have. Add that key behind the current one."
            )
        try:
            return AESGCM(key).decrypt(nonce, sealed, context.encode())
        except InvalidTag:
            raise DecryptionError(
                f"The secret at {context} does not open with key {key_id!r}: it was changed, "
                "moved from another row, or the key's bytes are others under the same id."
            ) from None

    @staticmethod
    def key_id(envelope: str) -> str:
        """The id of the key that sealed this envelope (what a rotation looks for)."""
        return _open(envelope)[0]


def generate_key() -> str:
    """A fresh key, as base64 for an entry of the ring."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _open(envelope: str) -> tuple[str, bytes, bytes]:
    parts = envelope.split(".")
    if len(parts) != _PARTS or parts[0] != VERSION:
        raise DecryptionError(f"This is not an encrypted value of version {VERSION}.")
    try:
        nonce, sealed = (base64.urlsafe_b64decode(part) for part in parts[2:])
    except (binascii.Error, ValueError):
        raise DecryptionError("An encrypted value is damaged: not base64.") from None
    if len(nonce) != NONCE_BYTES:
        raise DecryptionError("An encrypted value is damaged: its nonce has the wrong length.")
    return parts[1], nonce, sealed


def _decode_key(encoded: str, position: int) -> bytes:
    try:
        key = base64.b64decode(encoded, altchars=b"-_" if {"-", "_"} & set(encoded) else None)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyRingError(
            f"Key {position} of CAUSEWAY_KEY_RING is not the base64 of {KEY_BYTES} bytes. "
            "`python -m services keys generate` prints a fresh one."
        )
    return key


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()
