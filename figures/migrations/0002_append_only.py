"""The database refuses what no program may do: change what was published, or what was written down about it."""

from django.db import migrations

from foundation.append_only import AppendOnly

REFUSE = """
CREATE FUNCTION figures_refuse_republishing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published value does not change: % of % refused', TG_OP, OLD.figure
        USING ERRCODE = 'restrict_violation', HINT = 'Only its current value may differ; figures.actions writes the correction.';
END $$;

CREATE TRIGGER figures_observation_kept BEFORE DELETE ON figures_observation
    FOR EACH ROW WHEN (OLD.is_frozen) EXECUTE FUNCTION figures_refuse_republishing();
CREATE TRIGGER figures_observation_published BEFORE UPDATE ON figures_observation
    FOR EACH ROW
    WHEN (OLD.is_frozen AND (
        (NEW.is_frozen, NEW.frozen_value, NEW.figure, NEW.grain, NEW.by, NEW.period, NEW.dims)
        IS DISTINCT FROM (OLD.is_frozen, OLD.frozen_value, OLD.figure, OLD.grain, OLD.by, OLD.period, OLD.dims)))
    EXECUTE FUNCTION figures_refuse_republishing();
"""

ALLOW = """
DROP TRIGGER figures_observation_published ON figures_observation;
DROP TRIGGER figures_observation_kept ON figures_observation;
DROP FUNCTION figures_refuse_republishing();
"""


class Migration(migrations.Migration):
    dependencies = [("figures", "0001_initial")]

    operations = [
        AppendOnly("figures_correction"),
        AppendOnly("figures_freeze"),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
