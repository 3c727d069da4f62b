"""`python -m services.quota api|worker|migrate|topology|all`."""

from services.quota.main import NAME, build
from services.quota.settings import Settings
from shared.runtime.process import run

if __name__ == "__main__":
    run(NAME, Settings, build)
