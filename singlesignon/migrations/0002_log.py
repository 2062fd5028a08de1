from django.db import migrations

from foundation.append_only import AppendOnly

# A partition a month: five million lines a year are looked through by the day, and old months can go as a whole. The
# default takes what no month was made for, so that no authentication ever fails for want of one.
LOG = """
CREATE TABLE singlesignon_authentication (
    at timestamptz NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    system_id bigint NOT NULL,
    environment varchar(8) NOT NULL CHECK (environment IN ('sandbox', 'live')),
    user_id bigint,
    methods varchar(20)[] NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 3),
    error varchar(40) NOT NULL DEFAULT '',
    place varchar(50) NOT NULL DEFAULT '',
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
CREATE INDEX authentication_user ON singlesignon_authentication (user_id, at DESC);
CREATE INDEX authentication_system ON singlesignon_authentication (system_id, at DESC);
CREATE TABLE singlesignon_authentication_other PARTITION OF singlesignon_authentication DEFAULT;

CREATE FUNCTION singlesignon_partition(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := 'singlesignon_authentication_' || to_char(month, 'YYYYMM');
    begins timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'Asia/Taipei';
    ends timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'Asia/Taipei';
BEGIN
    IF to_regclass(name) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF singlesignon_authentication FOR VALUES FROM (%L) TO (%L)',
            name, begins, ends);
    END IF;
END $$;
SELECT singlesignon_partition((now() + make_interval(months => ahead))::date) FROM generate_series(0, 2) AS ahead;
"""


class Migration(migrations.Migration):
    dependencies = [("singlesignon", "0001_provider")]

    operations = [
        migrations.RunSQL(LOG, "DROP TABLE singlesignon_authentication; DROP FUNCTION singlesignon_partition(date);"),
        AppendOnly("singlesignon_authentication"),
        AppendOnly("singlesignon_systemevent"),
    ]
