"""The walk from the newest record to the oldest, and plans that do not depend on statistics."""

from django.db import migrations

from search import sql


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.RunSQL(sql.SEARCH_NEWEST, sql.DROP_SEARCH_NEWEST),
        migrations.RunSQL(sql.NO_STATISTICS, sql.STATISTICS),
    ]
