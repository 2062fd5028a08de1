"""The job worker: procrastinate over the jobs of all apps, in a process that the launcher looks after.

If its connection to the database breaks, the worker ends; the launcher starts it again when the database is back.
"""

import argparse
import os

import django


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--concurrency", type=int, default=2)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        # Told at once by NOTIFY; the interval is for jobs that were scheduled for later.
        app.run_worker(
            concurrency=options.concurrency, fetch_job_polling_interval=1, shutdown_graceful_timeout=15, wait=True
        )


if __name__ == "__main__":
    main()
