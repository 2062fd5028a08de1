"""What the database itself guarantees: numbers without a queue, and a timeline that nobody rewrites."""

from django.db import migrations

from foundation.append_only import AppendOnly

# The first filing of a series and year makes its sequence; an advisory lock lets two first filings agree. After that
# nextval() is all there is, and it never waits for anybody's transaction.
NUMBER = """
CREATE FUNCTION case_number(series text, roc_year integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    counter text := format('case_number_%s_%s', lower(series), roc_year);
    allotted text;
BEGIN
    IF to_regclass(counter) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext(counter));
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I', counter);
    END IF;
    allotted := nextval(counter::regclass)::text;
    RETURN format('%s%s-%s', series, roc_year, lpad(allotted, greatest(7, length(allotted)), '0'));
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.RunSQL(NUMBER, "DROP FUNCTION case_number"),
        AppendOnly("cases_caseevent"),
    ]
