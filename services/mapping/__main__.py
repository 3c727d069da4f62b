"""`python -m services.mapping api|worker|migrate|topology|all`."""

from services.mapping.main import build
from services.mapping.settings import Settings
from shared.runtime.process import run

if __name__ == "__main__":
    run("mapping", Settings, build)
