"""Free ports, and whether a server answers on one: in a few bytes, without a client library."""

import random
import socket
import struct

LOOPBACK = "127.0.0.1"
PROBE_SECONDS = 1.0  # on loopback an answer takes microseconds; a server that starts may be slower
_LOWEST, _HIGHEST = 15_000, 31_999
_PORT_TRIES = 200  # of 17,000 ports

_AMQP_HEADER = b"AMQP\x00\x00\x09\x01"
_AMQP_METHOD_FRAME = b"\x01"
_POSTGRES_AUTHENTICATION = b"R"


def free_port() -> int:
    """A port that nothing listens on now.

    Below the range of outgoing connections (Linux: from 32768): a client that knocks again and
    again at a stopped server in that range can end up connected to itself, and keep the port.
    """
    picker = random.SystemRandom()
    for _ in range(_PORT_TRIES):
        port = picker.randint(_LOWEST, _HIGHEST)
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise OSError(
        f"no free port on {LOOPBACK} between {_LOWEST} and {_HIGHEST} in {_PORT_TRIES} tries"
    )


def amqp_answers(port: int) -> bool:
    """Whether a broker greets on this port."""
    return _first_byte(port, _AMQP_HEADER) == _AMQP_METHOD_FRAME


def postgres_answers(port: int) -> bool:
    """Whether a database asks for a password: while it starts or recovers it sends an error."""
    parameters = b"user\x00postgres\x00database\x00postgres\x00\x00"
    hello = struct.pack("!ii", 8 + len(parameters), 196_608) + parameters  # protocol 3.0
    return _first_byte(port, hello) == _POSTGRES_AUTHENTICATION


def _first_byte(port: int, hello: bytes) -> bytes:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=PROBE_SECONDS) as connection:
            connection.sendall(hello)
            return connection.recv(1)
    except OSError:
        return b""
