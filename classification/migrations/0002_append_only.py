from django.db import migrations

from foundation.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("classification", "0001_initial")]

    operations = [AppendOnly("classification_inforce")]
