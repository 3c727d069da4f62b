import base64

import pytest

from shared.security.keyring import DecryptionError, KeyRing, KeyRingError, generate_key

OLD = base64.b64encode(bytes(range(32))).decode()
NEW = base64.b64encode(bytes(range(32, 64))).decode()
PLACE = "connection/0191a2b3/refresh_token"


def test_what_was_encrypted_opens_at_its_place() -> None:
    ring = KeyRing.parse(f"k1:{OLD}")
    envelope = ring.encrypt(b"refresh-me", context=PLACE)
    assert ring.decrypt(envelope, context=PLACE) == b"refresh-me"


def test_an_envelope_names_version_and_key_and_hides_the_secret() -> None:
    envelope = KeyRing.parse(f"k1:{OLD}").encrypt(b"refresh-me", context=PLACE)
    version, key_id, nonce, sealed = envelope.split(".")
    assert (version, key_id) == ("v1", "k1")
    assert len(base64.urlsafe_b64decode(nonce)) == 12
    assert len(base64.urlsafe_b64decode(sealed)) == len(b"refresh-me") + 16
    assert "refresh" not in envelope


def test_the_same_secret_never_looks_the_same() -> None:
    ring = KeyRing.parse(f"k1:{OLD}")
    assert ring.encrypt(b"x", context=PLACE) != ring.encrypt(b"x", context=PLACE)


def test_the_first_key_encrypts_and_older_ones_still_open() -> None:
    before = KeyRing.parse(f"k1:{OLD}").encrypt(b"x", context=PLACE)
    ring = KeyRing.parse(f"k2:{NEW},k1:{OLD}")
    assert ring.decrypt(before, context=PLACE) == b"x"
    assert ring.key_id(before) == "k1"
    assert ring.current_id == "k2"
    assert ring.key_id(ring.encrypt(b"x", context=PLACE)) == "k2"


def test_an_envelope_does_not_open_in_another_row() -> None:
    ring = KeyRing.parse(f"k1:{OLD}")
    envelope = ring.encrypt(b"x", context=PLACE)
    with pytest.raises(DecryptionError, match="moved from another row"):
        ring.decrypt(envelope, context="connection/other/refresh_token")


def test_a_changed_byte_is_noticed() -> None:
    ring = KeyRing.parse(f"k1:{OLD}")
    version, key_id, nonce, sealed = ring.encrypt(b"secret", context=PLACE).split(".")
    raw = bytearray(base64.urlsafe_b64decode(sealed))
    raw[0] ^= 1
    damaged = ".".join((version, key_id, nonce, base64.urlsafe_b64encode(raw).decode()))
    with pytest.raises(DecryptionError, match="was changed"):
        ring.decrypt(damaged, context=PLACE)


def test_an_unknown_key_is_named() -> None:
    envelope = KeyRing.parse(f"k1:{OLD}").encrypt(b"x", context=PLACE)
    with pytest.raises(DecryptionError, match="encrypted with key 'k1'"):
        KeyRing.parse(f"k2:{NEW}").decrypt(envelope, context=PLACE)


@pytest.mark.parametrize(
    "envelope", ["", "v1.k1.AA", "v2.k1.AA.AA", "v1.k1.A.AA", "v1.k1.AA==.AA=="]
)
def test_what_is_no_envelope_is_refused(envelope: str) -> None:
    with pytest.raises(DecryptionError):
        KeyRing.parse(f"k1:{OLD}").decrypt(envelope, context=PLACE)


@pytest.mark.parametrize(
    "text",
    ["", "k1", "k1:", "k1:AAAA", f":{OLD}", f"k.1:{OLD}", f"k1:{OLD},k1:{NEW}", "k1:not base64!"],
)
def test_a_ring_that_cannot_be_used_is_refused_without_its_bytes(text: str) -> None:
    with pytest.raises(KeyRingError) as caught:
        KeyRing.parse(text)
    assert "CAUSEWAY_KEY_RING" in str(caught.value)
    assert OLD not in str(caught.value)


def test_keys_do_not_show_in_repr() -> None:
    text = repr(KeyRing.parse(f"k1:{OLD}"))
    assert text == "KeyRing(current_id='k1')"


def test_a_generated_key_fits_the_ring() -> None:
    assert KeyRing.parse(f"k1:{generate_key()}").current_id == "k1"


def test_url_safe_keys_are_understood() -> None:
    key = base64.urlsafe_b64encode(b"\xfb\xff" * 16).decode()
    assert "-" in key
    ring = KeyRing.parse(f"k1:{key}")
    assert ring.decrypt(ring.encrypt(b"x", context=PLACE), context=PLACE) == b"x"
