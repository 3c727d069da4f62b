"""`python -m services.contact_sync api|worker|migrate|topology|all`."""

from services.contact_sync.main import build
from services.contact_sync.settings import Settings
from shared.runtime.process import run

if __name__ == "__main__":
    run("contact_sync", Settings, build)
