import django.db.models.deletion
from django.db import migrations, models

# What the log and the record of systems already know.
ENDED = """
UPDATE singlesignon_relyingsystem SET ended_at = coalesce(
    (SELECT max(at) FROM singlesignon_systemevent WHERE system_id = singlesignon_relyingsystem.id AND verb = 'end'), now())
WHERE state = 'ended'
"""
DAYS = """
INSERT INTO singlesignon_dailyauthentications (day, system_id, level, methods, error, number)
SELECT (at AT TIME ZONE 'Asia/Taipei')::date, system_id, level, array_to_string(methods, '+'), error, count(*)
FROM singlesignon_authentication WHERE environment = 'live' GROUP BY 1, 2, 3, 4, 5
"""


class Migration(migrations.Migration):
    dependencies = [
        ("singlesignon", "0003_saml"),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyAuthentications",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="日期")),
                ("level", models.PositiveSmallIntegerField(verbose_name="等級")),
                ("methods", models.CharField(max_length=200, verbose_name="方式")),
                ("error", models.CharField(blank=True, max_length=40, verbose_name="結果")),
                ("number", models.PositiveIntegerField(verbose_name="認證次數")),
            ],
            options={
                "verbose_name": "每日認證次數",
                "verbose_name_plural": "每日認證次數",
                "ordering": ["-day", "system"],
            },
        ),
        migrations.AddField(
            model_name="relyingsystem",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(ENDED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="relyingsystem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state", "ended")),
                    models.Q(models.Q(("state", "ended"), _negated=True), ("ended_at__isnull", True)),
                    _connector="OR",
                ),
                name="relying_system_ended_since",
            ),
        ),
        migrations.AddField(
            model_name="dailyauthentications",
            name="system",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="singlesignon.relyingsystem",
                verbose_name="系統",
            ),
        ),
        migrations.AddConstraint(
            model_name="dailyauthentications",
            constraint=models.UniqueConstraint(
                fields=("day", "system", "level", "methods", "error"), name="daily_authentications_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="dailyauthentications",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__range", (0, 3))), name="daily_authentications_level_known"
            ),
        ),
        migrations.RunSQL(DAYS, migrations.RunSQL.noop),
    ]
