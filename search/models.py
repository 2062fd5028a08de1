"""What can be found."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """The searchable text of one record of any app.

    Who may see the record is the owning app's business: it joins its own ``visible_to(user)`` with the ids found here.
    """

    pk = models.CompositePrimaryKey("kind", "object_id")
    kind = models.TextField(_("種類"))
    object_id = models.BigIntegerField(_("編號"))
    title = models.TextField(_("標題"))
    vector = SearchVectorField(_("索引"))

    class Meta:
        verbose_name = _("搜尋項目")
        verbose_name_plural = _("搜尋項目")
        constraints = [
            models.CheckConstraint(condition=models.Q(object_id__gte=0), name="search_entry_object_id_natural"),
            models.CheckConstraint(
                condition=models.Q(kind__regex=r"^[a-z_]+\.[a-z_]+$"), name="search_entry_kind_form"
            ),
        ]
        indexes = [
            # Writers append to the index's pending list, which is five times as fast; a list of 1 MB costs a search
            # 0.2 ms, and the writer who finds it full 30 ms.
            GinIndex(fields=["vector"], name="search_entry_vector", fastupdate=True, gin_pending_list_limit=1024),
        ]

    def __str__(self) -> str:
        return self.title
