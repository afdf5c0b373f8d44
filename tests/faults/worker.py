"""The product's own Celery worker with fates laid on it: `python -m tests.faults.worker`."""

import os
from pathlib import Path

QUIETLY = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR")


def main() -> None:
    """Work until killed."""
    import django

    django.setup()
    from config.celery import app
    from tests.faults.fates import Fates, lay

    lay(Fates(os.environ["FAULT_SEED"], Path(os.environ["FAULT_LEDGER"])))
    app.worker_main(["worker", "--pool", "prefork", "--concurrency", os.environ["FAULT_WORKERS"], *QUIETLY])


if __name__ == "__main__":
    main()
