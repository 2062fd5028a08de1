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
            # Writers append to the index's pending list, which is five times as fast. A list of 4 MB costs a search at
            # most 0.8 ms, and the one writer in a thousand who finds it full 0.1 s; the longer it is, the less an
            # import pays for each line (57 µs at 1 MB, 37 at 16).
            GinIndex(fields=["vector"], name="search_entry_vector", fastupdate=True, gin_pending_list_limit=4096),
        ]

    def __str__(self) -> str:
        return self.title


class Waiting(models.Model):
    """A record whose entry was put off in a storm. Without a unique key: writers never wait for each other."""

    kind = models.TextField(_("種類"))
    object_id = models.BigIntegerField(_("編號"))

    class Meta:
        verbose_name = verbose_name_plural = _("待建索引")

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
