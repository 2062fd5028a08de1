"""A longer pending list: cheaper imports, searches as fast (see Entry). The index itself stays."""

import django.contrib.postgres.indexes
from django.db import migrations

SET = "ALTER INDEX search_entry_vector SET (gin_pending_list_limit = {})"


class Migration(migrations.Migration):
    dependencies = [("search", "0002_newest_first")]

    operations = [
        migrations.RunSQL(
            SET.format(4096),
            SET.format(1024),
            state_operations=[
                migrations.RemoveIndex("entry", "search_entry_vector"),
                migrations.AddIndex(
                    "entry",
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=True, fields=["vector"], gin_pending_list_limit=4096, name="search_entry_vector"
                    ),
                ),
            ],
        )
    ]
