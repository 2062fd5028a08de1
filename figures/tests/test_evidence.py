"""Evidence as files: checked like every upload, kept with the entry, shown to whom it concerns; each look is logged."""

from datetime import date
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from PIL import Image

from figures.models import EvidenceFile, ManualEntry
from foundation.files import DOCUMENT, IMAGE, TABLE, check_upload, read
from identity.factories import person
from identity.models import Disclosure
from organisation.models import Agency, Membership

CSV = "\ufeff月份,件數\n1,12\n".encode()
FORM = "/figures/slips.visits/2022/entry/"
EVERYTHING = IMAGE | DOCUMENT | TABLE


def photo() -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(file, "PNG")
    return file.getvalue()


def member(name: str, role: str, agency: str = ""):
    user = person(name, name=name)
    where = {"agency": Agency.objects.get(code=agency)} if agency else {}
    Membership.objects.create(user=user, role=role, since=date(2020, 1, 1), **where)
    client = Client()
    client.force_login(user)
    return client, user


@pytest.mark.parametrize(("content", "kind"), [(CSV, ".csv"), (b"a;b\r\n1;2\r\n", ".csv"), (photo(), ".png")])
def test_tables_and_pictures_are_taken_by_their_content(content: bytes, kind: str) -> None:
    assert check_upload(content, EVERYTHING).extension == kind


@pytest.mark.parametrize(
    "content", [b"", b"<html><script>", b"  <svg onload=x>", b"MZ\x00\x01", "件數".encode("big5"), b"a\x00b"]
)
def test_what_is_no_table_is_refused_and_tables_only_where_they_are_asked_for(content: bytes) -> None:
    with pytest.raises(ValidationError):
        check_upload(content, EVERYTHING)
    with pytest.raises(ValidationError):
        check_upload(CSV)


def test_files_stay_with_their_entry_and_are_shown_to_whom_they_concern(city, slips) -> None:
    keeper, _user = member("keeper", "figure_keeper", "pwb")
    files = [SimpleUploadedFile("查訪.csv", CSV), SimpleUploadedFile("照片.png", photo())]
    answer = keeper.post(FORM, {"value": "12", "evidence": "查訪紀錄表", "files": files})
    assert answer.status_code == 302, answer.text
    (entry,) = ManualEntry.objects.all()
    table, picture = EvidenceFile.objects.all()
    assert (table.entry, table.content_type, table.name) == (entry, "text/csv", "查訪.csv") and read(table.path) == CSV
    wrong = SimpleUploadedFile("x.csv", b"<html>")
    refused = keeper.post(FORM, {"value": "13", "evidence": "新表", "reason": "多打了", "files": [wrong]})
    assert refused.status_code == 422 and "x.csv" in refused.text and "UTF-8 編碼的 CSV" in refused.text
    assert 'value="13"' in refused.text and ManualEntry.objects.count() == 1  # typed is kept, nothing changed

    addresses = [f"/figures/slips.visits/evidence/{each.pk}/" for each in (table, picture)]
    for client, user in (
        (keeper, _user), member("auditor", "auditor"), member("controller", "controller"),
    ):  # fmt: skip
        before = Disclosure.objects.count()
        page = client.get("/figures/slips.visits/2022/").text
        assert all(address in page for address in addresses)
        shown = client.get(addresses[0])
        assert b"".join(shown) == CSV and "attachment" in shown["Content-Disposition"]
        assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert Disclosure.objects.count() == before + 1
        last = Disclosure.objects.latest("pk")
        assert (last.actor, last.subject, last.subject_id, last.fields) == (
            user, "figure", "slips.visits", ["evidence"],
        )  # fmt: skip
    other, _other = member("other", "figure_keeper", "rdec")
    editor, _editor = member("editor", "editor")
    logged = Disclosure.objects.count()
    assert (
        other.get(addresses[0]).status_code == 404 and addresses[0] not in other.get("/figures/slips.visits/2022/").text
    )
    assert editor.get(addresses[0]).status_code == 403
    assert Client().get(addresses[0]).status_code == 302
    assert "查訪.csv" not in Client().get("/figures/slips.visits/2022/").text
    assert keeper.get(f"/figures/slips.done/evidence/{table.pk}/").status_code == 404
    assert Disclosure.objects.count() == logged
    with pytest.raises(DatabaseError), transaction.atomic():
        EvidenceFile.objects.update(name="別的.csv")
