"""What must not leave the process in a log line or a trace is masked here, by name and by shape."""

import re
from collections.abc import Mapping
from typing import Any

MASK = "[redacted]"
MAX_DEPTH = 6  # deeper structures are cut: nothing that we log nests further

_SECRET_NAMES = (
    "token",
    "secret",
    "password",
    "passwd",
    "authorization",
    "cookie",
    "api_key",
    "apikey",
    "private_key",
    "token_key",
    "hash_key",
    "key_ring",
    "code_verifier",
    "code_challenge",
    "credential",
    "signature",
    "session_id",
    "sessionid",
    "dsn",
)
_PERSONAL_NAMES = (
    "email",
    "e_mail",
    "phone",
    "mobile",
    "firstname",
    "first_name",
    "lastname",
    "last_name",
    "fullname",
    "full_name",
    "address",
    "birthdate",
)
_SENSITIVE_NAME = re.compile("|".join((*_SECRET_NAMES, *_PERSONAL_NAMES)), re.IGNORECASE)
# Names that contain a word from above and are neither secret nor personal.
_HARMLESS_NAMES = frozenset({"token_expires_at", "peer_address", "listen_address"})

_ADDRESS_PART = r"[^\s@<>\"'=:;,()\[\]{}]"
# The repetitions are bounded, so that a long line without a match costs linear time.
_SHAPES = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {MASK}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?"), MASK),
    # Salesforce session ids: the org's id, an exclamation mark, the secret part.
    (re.compile(r"\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._-]+"), MASK),
    # user:password@ in a URL of a database or a broker
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://)[^\s/@]{0,512}@"), rf"\1{MASK}@"),
    # name=value and "name": "value" in text that was rendered elsewhere
    (
        re.compile(
            r"(?i)([\"']?\b[a-z_-]{0,40}(?:token|secret|password|passwd|api_?key|code_verifier|"
            r"signature|session_?id)[\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&)}\]\"']+)"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)((?:^|[?&])(?:code|state)=)[^\s&#\"']+"), rf"\1{MASK}"),
    (re.compile(rf"{_ADDRESS_PART}{{1,64}}@{_ADDRESS_PART}{{1,255}}\.[^\W\d_]{{2,}}"), MASK),
)


def mask_text(text: str) -> str:
    """The text without bearer tokens, session ids, URL passwords, secret pairs and e-mails."""
    for pattern, replacement in _SHAPES:
        text = pattern.sub(replacement, text)
    return text


def mask_named(name: str, value: Any, depth: int = 0) -> Any:
    """The value of a named field: hidden by its name, else masked inside."""
    if _SENSITIVE_NAME.search(name) and name not in _HARMLESS_NAMES:
        return value if value is None or isinstance(value, bool | int) else MASK
    return _mask(value, depth)


def _mask(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return mask_text(value)
    if depth >= MAX_DEPTH:
        return MASK
    if isinstance(value, Mapping):
        return {str(k): mask_named(str(k), v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_mask(item, depth + 1) for item in value]
    if isinstance(value, bytes | bytearray):
        return MASK
    return mask_text(str(value))
