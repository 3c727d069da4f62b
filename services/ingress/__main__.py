"""`python -m services.ingress api|worker|migrate|topology|all`."""

from services.ingress.main import build
from services.ingress.settings import Settings
from shared.runtime.process import run

if __name__ == "__main__":
    run("ingress", Settings, build)
