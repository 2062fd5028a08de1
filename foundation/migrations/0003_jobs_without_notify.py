"""Jobs are not announced by NOTIFY: the worker looks for them twice a second.

PostgreSQL lets only one transaction with a NOTIFY commit at a time, and holds that lock over the flush to disk. Measured
with 4 clients, each writing two rows and a job: 390 commits a second with procrastinate's trigger, 1,300 without it, and
1,350 without the job. A citizen's report defers jobs, so the trigger would halve what the city hall can take in.
"""

from django.db import migrations

TRIGGER = "procrastinate_jobs_notify_queue_job_inserted_v1"


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0002_unlogged"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE procrastinate_jobs DISABLE TRIGGER {TRIGGER}",
            f"ALTER TABLE procrastinate_jobs ENABLE TRIGGER {TRIGGER}",
        ),
    ]
