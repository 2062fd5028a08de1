from django.db import migrations

from foundation.append_only import EmptiedAfter


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_followers_by_line")]

    operations = [EmptiedAfter("cases_caseevent", "text", "at", "5 years")]
