"""Counting knocks costs no write to disk: an unlogged table, with room in its pages for updates in place."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                "ALTER TABLE foundation_ratecount SET UNLOGGED",
                "ALTER TABLE foundation_ratecount SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)",
            ],
            [
                "ALTER TABLE foundation_ratecount RESET (fillfactor, autovacuum_vacuum_scale_factor)",
                "ALTER TABLE foundation_ratecount SET LOGGED",
            ],
        ),
    ]
