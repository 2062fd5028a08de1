from django.db import migrations

from foundation.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]

    operations = [AppendOnly("identity_disclosure"), AppendOnly("identity_accountevent")]
