"""Keyed hashes of field values: an echo can be told without reading or keeping the value."""

import base64
import binascii
import hashlib
import hmac
import math
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from shared.kernel.errors import FatalError
from shared.kernel.records import Side

DIGEST_BYTES = 16  # 128 bits: no collision by chance, half the space of the full digest
KEY_BYTES = 32  # as long as the digest of HMAC-SHA256
_LENGTH_BYTES = 4


class HashKeyError(FatalError):
    """The configured hash key cannot be read."""


def parse_hash_key(text: str) -> bytes:
    """The 32 bytes of CAUSEWAY_HASH_KEY (base64); HashKeyError says what is wrong with it."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise HashKeyError(
            f"CAUSEWAY_HASH_KEY is not the base64 of {KEY_BYTES} bytes. "
            "`python -m services keys generate` prints a fresh one.",
            code="hash_key_invalid",
        )
    return key


def wire_text(value: object) -> str:
    """A value in the spelling that both CRMs' payloads can be brought to.

    None and "" are "", booleans are true/false, numbers are the shortest decimal without an
    exponent or a trailing .0, text is itself. TypeError or ValueError for anything else.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (float, Decimal)):
        return _decimal_text(value)
    raise TypeError(f"A field value of type {type(value).__name__} has no wire text.")


def field_hash(
    key: bytes, *, connection_id: UUID, side: Side, record_id: str, field: str, value: object
) -> str:
    """HMAC-SHA256 over the place and the wire text of one value, cut to 16 bytes, as hex.

    The parts are length-prefixed, so no two places can run together; the same value on another
    record or field has another hash.
    """
    parts = (connection_id.bytes, side.value.encode(), record_id.encode(), field.encode())
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for part in (*parts, wire_text(value).encode()):
        digest.update(len(part).to_bytes(_LENGTH_BYTES))
        digest.update(part)
    return digest.digest()[:DIGEST_BYTES].hex()


def _decimal_text(value: float | Decimal) -> str:
    if not math.isfinite(value):
        raise ValueError("A field value that is not a finite number has no wire text.")
    text = format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass(frozen=True, slots=True)
class FieldHash:
    """`field_hash` with the deployment's key, which never shows in repr."""

    _key: bytes = field(repr=False)

    def __call__(
        self, connection_id: UUID, side: Side, record_id: str, field: str, value: object
    ) -> str:
        """See field_hash."""
        return field_hash(
            self._key,
            connection_id=connection_id,
            side=side,
            record_id=record_id,
            field=field,
            value=value,
        )
