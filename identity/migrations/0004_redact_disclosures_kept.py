from django.db import migrations

from foundation.append_only import KeptAtLeast


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_open311_api_keys")]

    operations = [KeptAtLeast("identity_disclosure", "at", "5 years")]
