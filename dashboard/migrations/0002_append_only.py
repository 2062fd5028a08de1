"""What was changed on a board, and by whom, is never rewritten."""

from django.db import migrations

from foundation.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0001_initial")]

    operations = [AppendOnly("dashboard_boardchange")]
