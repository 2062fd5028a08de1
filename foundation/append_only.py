"""Tables that only grow: a migration operation that makes the database refuse UPDATE and DELETE of their rows."""

from django.db.migrations.operations.base import Operation, OperationCategory

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'Add a new row that corrects the old one.';
END $$
"""


FLOOR = """
CREATE OR REPLACE FUNCTION refuse_change_within() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- TG_ARGV: the column that says when, and how long at the least.
    IF TG_OP = 'DELETE' AND (to_jsonb(OLD) ->> TG_ARGV[0])::timestamptz < now() - TG_ARGV[1]::interval THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'Rows may go when they are older than ' || TG_ARGV[1] || '.';
END $$
"""

EMPTYING = """
CREATE OR REPLACE FUNCTION refuse_change_but_emptying() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- TG_ARGV: the column of words, the column that says when, and how long they stay at the least.
    IF TG_OP = 'UPDATE' AND (to_jsonb(OLD) ->> TG_ARGV[1])::timestamptz < now() - TG_ARGV[2]::interval
        AND to_jsonb(NEW) ->> TG_ARGV[0] = '' AND to_jsonb(NEW) - TG_ARGV[0] = to_jsonb(OLD) - TG_ARGV[0] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'Words may be emptied when they are older than ' || TG_ARGV[2] || '.';
END $$
"""


class AppendOnly(Operation):
    """``AppendOnly("cases_caseevent")``: rows of the table can be added and read, not changed or removed.

    A row-level trigger, so it holds for the ORM, for psql and for cascades alike; Django reports it as IntegrityError
    (SQLSTATE 23001). TRUNCATE is left to the owner of the database: it is how tests and restores empty a table, and
    whoever may truncate may drop the trigger as well.
    """

    reversible = True
    category = OperationCategory.SQL

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label, state) -> None:
        """The models stay as they are."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        schema_editor.execute(FUNCTION, params=None)  # its % are PL/pgSQL's
        schema_editor.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {schema_editor.quote_name(self.table)} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        # The function stays: other tables use it.
        schema_editor.execute(f"DROP TRIGGER append_only ON {schema_editor.quote_name(self.table)}")

    def describe(self) -> str:
        return f"Refuse UPDATE and DELETE of rows of {self.table}"

    @property
    def migration_name_fragment(self) -> str:
        return f"{self.table}_append_only"


class KeptAtLeast(Operation):
    """``KeptAtLeast("identity_disclosure", "at", "5 years")``: an append-only table whose old rows may be deleted.

    The term by which they are is a rule of the city; this is the floor below which the database refuses it, whatever
    the rule says. Changing a row stays refused at every age.
    """

    reversible = True
    category = OperationCategory.SQL

    def __init__(self, table: str, moment: str, least: str) -> None:
        self.table, self.moment, self.least = table, moment, least

    def state_forwards(self, app_label, state) -> None:
        """The models stay as they are."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        table = schema_editor.quote_name(self.table)
        schema_editor.execute(FLOOR, params=None)
        schema_editor.execute(f"DROP TRIGGER append_only ON {table}")
        schema_editor.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION refuse_change_within('{self.moment}', '{self.least}')"
        )

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        table = schema_editor.quote_name(self.table)
        schema_editor.execute(f"DROP TRIGGER append_only ON {table}")
        schema_editor.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )

    def describe(self) -> str:
        return f"Let rows of {self.table} go when they are older than {self.least}"

    @property
    def migration_name_fragment(self) -> str:
        return f"{self.table}_kept_at_least"


class EmptiedAfter(Operation):
    """``EmptiedAfter("cases_caseevent", "text", "at", "5 years")``: an append-only table of which one column, of words,
    may be emptied in rows that are old enough. That something was said, by whom and when stays at every age.

    As in `KeptAtLeast` the term is a rule of the city, and this the floor below it.
    """

    reversible = True
    category = OperationCategory.SQL

    def __init__(self, table: str, words: str, moment: str, least: str) -> None:
        self.table, self.words, self.moment, self.least = table, words, moment, least

    def state_forwards(self, app_label, state) -> None:
        """The models stay as they are."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        schema_editor.execute(EMPTYING, params=None)
        self._guard(schema_editor, f"refuse_change_but_emptying('{self.words}', '{self.moment}', '{self.least}')")

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        self._guard(schema_editor, "refuse_change()")

    def _guard(self, schema_editor, function: str) -> None:
        table = schema_editor.quote_name(self.table)
        schema_editor.execute(f"DROP TRIGGER append_only ON {table}")
        schema_editor.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}"
        )

    def describe(self) -> str:
        return f"Let {self.words} of {self.table} be emptied when it is older than {self.least}"

    @property
    def migration_name_fragment(self) -> str:
        return f"{self.table}_emptied_after"
