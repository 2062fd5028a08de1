"""A case has one index for its number and one for the submissions that there are, not four over all cases."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_indexes")]

    operations = [
        migrations.AlterField("case", "number", models.CharField(max_length=20, verbose_name="案件編號")),
        migrations.AlterField("case", "submission", models.UUIDField(blank=True, null=True)),
        migrations.AddConstraint("case", models.UniqueConstraint(fields=["number"], name="case_number_once")),
        migrations.AddConstraint(
            "case",
            models.UniqueConstraint(
                condition=models.Q(submission__isnull=False), fields=["submission"], name="case_submission_once"
            ),
        ),
    ]
