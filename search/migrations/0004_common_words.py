"""Common words are recognised by the newest records alone (see sql.SEARCH_NEWEST)."""

from django.db import migrations

from search import sql


class Migration(migrations.Migration):
    dependencies = [("search", "0003_longer_list")]

    operations = [
        migrations.RunSQL(sql.SEARCH_NEWEST, migrations.RunSQL.noop),
        migrations.RunSQL("DROP FUNCTION IF EXISTS search_newest(text, tsquery, integer)", migrations.RunSQL.noop),
    ]
