"""What a plain foreign key cannot say: a unit's parent is of its agency, a membership's post is of its unit."""

from django.db import migrations

FORWARD = """
ALTER TABLE organisation_unit
    ADD CONSTRAINT unit_id_and_agency UNIQUE (id, agency_id),
    ADD CONSTRAINT unit_parent_is_of_the_same_agency FOREIGN KEY (parent_id, agency_id)
        REFERENCES organisation_unit (id, agency_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE organisation_post
    ADD CONSTRAINT post_id_and_unit UNIQUE (id, unit_id);
ALTER TABLE organisation_membership
    ADD CONSTRAINT membership_post_is_of_the_same_unit FOREIGN KEY (post_id, unit_id)
        REFERENCES organisation_post (id, unit_id) DEFERRABLE INITIALLY DEFERRED;
"""
BACKWARD = """
ALTER TABLE organisation_membership DROP CONSTRAINT membership_post_is_of_the_same_unit;
ALTER TABLE organisation_post DROP CONSTRAINT post_id_and_unit;
ALTER TABLE organisation_unit
    DROP CONSTRAINT unit_parent_is_of_the_same_agency, DROP CONSTRAINT unit_id_and_agency;
"""


class Migration(migrations.Migration):
    dependencies = [("organisation", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
