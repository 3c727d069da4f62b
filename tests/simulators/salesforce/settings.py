"""How one simulated org is started."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_ORG_ID = "00D5g0000000001EAA"
DEFAULT_CLIENT_ID = "3MVG9.causeway.simulated"
DEFAULT_CLIENT_SECRET = "simulated-secret"
DEFAULT_DAILY_LIMIT = 100_000
DEFAULT_INSTALL_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line says. ``org_id`` has 18 characters."""

    org_id: str = DEFAULT_ORG_ID
    client_id: str = DEFAULT_CLIENT_ID
    client_secret: str = DEFAULT_CLIENT_SECRET
    control: bool = False
    install_seconds: float = DEFAULT_INSTALL_SECONDS
    rotate_refresh_tokens: bool = False
    daily_limit: int = DEFAULT_DAILY_LIMIT
    sandbox: bool = False
    pubsub_port: int | None = None
    """Where change events are to be had; 0 picks a free port, None offers none."""
    snapshot: Path | None = None
    """Where the state comes from at the start, if the file is there, and goes to at the end."""
