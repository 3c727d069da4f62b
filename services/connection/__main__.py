"""`python -m services.connection api|worker|migrate|topology|all`."""

from services.connection.main import NAME, build
from services.connection.settings import Settings
from shared.runtime.process import run

if __name__ == "__main__":
    run(NAME, Settings, build)
