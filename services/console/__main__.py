"""`python -m services.console api|worker|migrate|topology|all`."""

from services.console.main import build
from services.console.settings import Settings
from shared.runtime.process import run

if __name__ == "__main__":
    run("console", Settings, build)
