from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from organisation.actions import Changes, WrongCity, check_city, load_pack
from organisation.models import Agency, CalendarOverride, District, Post, Unit, Village
from organisation.pack import PackError

NOUNS = (Agency, Unit, Post, District, Village, CalendarOverride)


class Command(BaseCommand):
    help = "Bring the city pack of the settings (CITYHALL_PACK) into the database. A second time changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only say whether the database holds this pack: exit status 1 if not"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        try:
            if check:
                if not check_city():
                    raise CommandError(_("資料庫裡的城市包不是最新的，請執行 load_pack。"))
                return
            changes = load_pack()
        except PackError as error:
            count = len(error.problems)
            heading = _("城市包有 %(n)d 個問題，資料庫沒有變動：") % {"n": count}
            raise CommandError("\n".join([heading, *map(str, error.problems)])) from None
        except WrongCity as error:
            raise CommandError(str(error)) from None
        self._tell(changes)

    def _tell(self, changes: Changes) -> None:
        lines = {
            _("新增%(noun)s：%(n)d"): changes.created,
            _("變更%(noun)s：%(n)d"): changes.changed,
            _("停用%(noun)s：%(n)d"): changes.retired,
        }
        for line, counts in lines.items():
            for model in NOUNS:
                if number := counts.get(str(model._meta.model_name)):
                    self.stdout.write(line % {"noun": model._meta.verbose_name, "n": number})
        self.stdout.write(_("共 %(n)d 項變更。") % {"n": changes.total})
