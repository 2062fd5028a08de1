"""The job worker: procrastinate over the jobs of all apps, in a process that the launcher looks after.

How often it looks for jobs and what it keeps is in the settings (PROCRASTINATE_WORKER_DEFAULTS). If its connection to
the database breaks it ends, and the launcher starts it again.
"""

import argparse
import os

import django


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--concurrency", type=int)
    options = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(**options)


if __name__ == "__main__":
    main()
