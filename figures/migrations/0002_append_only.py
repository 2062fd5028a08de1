"""The database refuses what no program may do: change what was published, or what was written down about it."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION figures_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER figures_correction_append_only BEFORE UPDATE OR DELETE ON figures_correction
    FOR EACH ROW EXECUTE FUNCTION figures_refuse_change();
CREATE TRIGGER figures_freeze_append_only BEFORE UPDATE OR DELETE ON figures_freeze
    FOR EACH ROW EXECUTE FUNCTION figures_refuse_change();

CREATE FUNCTION figures_refuse_republishing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published value does not change: % of % refused', TG_OP, OLD.figure
        USING ERRCODE = 'integrity_constraint_violation';
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
DROP TRIGGER figures_freeze_append_only ON figures_freeze;
DROP TRIGGER figures_correction_append_only ON figures_correction;
DROP FUNCTION figures_refuse_republishing();
DROP FUNCTION figures_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("figures", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
