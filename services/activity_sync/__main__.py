"""`python -m services.activity_sync api|worker|migrate|topology|all`."""

from services.activity_sync.main import build
from services.activity_sync.settings import Settings
from shared.runtime.process import run

if __name__ == "__main__":
    run("activity_sync", Settings, build)
