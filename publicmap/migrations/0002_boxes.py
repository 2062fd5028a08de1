"""The boxes of subscriptions by place: PostgreSQL's own geometry, in the very words of ``publicmap.actions.news``."""

from django.db import migrations

BOXES = """
CREATE INDEX subscription_boxes ON publicmap_subscription USING gist (box(point(west, south), point(east, north)))
WHERE confirmed_at IS NOT NULL AND west IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("publicmap", "0001_initial")]

    operations = [migrations.RunSQL(BOXES, "DROP INDEX subscription_boxes")]
