"""``manage.py reencrypt``: after a new secret came to stand first, write every encrypted value anew under it."""

import argparse
from collections.abc import Iterator
from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from foundation.encryption import EncryptedTextField, decrypt, digest, encrypt, is_current

BATCH = 1_000


class Command(BaseCommand):
    help = "以最新的金鑰重新加密所有加密欄位 (re-encrypt every encrypted value under the newest key)"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, default=BATCH, help="rows in one transaction")

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        lost = 0
        for model in apps.get_models():
            for field in encrypted_fields(model):
                renewed, unreadable = reencrypt(model, field, batch)
                lost += unreadable
                self.stdout.write(
                    _("%(field)s：已更新 %(renewed)s 筆，無法解讀 %(unreadable)s 筆")
                    % {"field": f"{model._meta.label}.{field.name}", "renewed": renewed, "unreadable": unreadable}
                )
        if lost:
            raise CommandError(_("有 %s 筆資料無法以任何金鑰解讀，已原樣保留；請勿移除舊金鑰。") % lost)


def encrypted_fields(model: type[models.Model]) -> Iterator[EncryptedTextField]:
    """The encrypted fields that the model's own table holds."""
    return (field for field in model._meta.local_fields if isinstance(field, EncryptedTextField))


def reencrypt(model: type[models.Model], field: EncryptedTextField, batch: int = BATCH) -> tuple[int, int]:
    """Renew one column in batches, each a transaction that locks its rows. Returns (renewed, unreadable).

    Values that are current already are not written, so it can be stopped and run again. Digests are renewed too.
    """
    name = connection.ops.quote_name
    columns: dict[str, str] = {each.name: name(each.column) for each in model._meta.concrete_fields if each.column}
    table, key, column = name(model._meta.db_table), columns[model._meta.pk.name], columns[field.name]
    companion = columns[field.digest_in] if field.digest_in else None
    assignment = f"{column} = %s" + (f", {companion} = %s" if companion else "")
    renewed = unreadable = 0
    after: Any = None
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            condition, parameters = (f"AND {key} > %s", [after]) if after is not None else ("", [])
            cursor.execute(
                f"SELECT {key}, {column} FROM {table} WHERE {column} <> '' {condition} ORDER BY {key} LIMIT %s"
                " FOR UPDATE",
                [*parameters, batch],
            )
            rows = cursor.fetchall()
            if not rows:
                return renewed, unreadable
            updates = []
            for pk, token in rows:
                try:
                    text = decrypt(token)
                except InvalidToken:
                    unreadable += 1
                    continue
                if not is_current(token):
                    updates.append((encrypt(text), *([digest(text)] if companion else []), pk))
            if updates:
                cursor.executemany(f"UPDATE {table} SET {assignment} WHERE {key} = %s", updates)
            renewed += len(updates)
            after = rows[-1][0]
