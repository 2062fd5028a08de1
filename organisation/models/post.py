from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.language import in_language
from organisation.models.unit import Unit
from organisation.querysets import PostQuerySet


class Post(models.Model):
    """A post in a unit (職位, org:Post of W3C ORG), held by whom a membership names.

    ``role`` is the one that whoever holds the post has in its unit (org:role); empty: the post says nothing about it.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts")
    title = models.CharField(max_length=40)
    title_en = models.CharField(max_length=80)
    role = models.CharField(max_length=32, blank=True)
    active = models.BooleanField(default=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("職位")
        ordering = ["unit", "id"]
        constraints = [models.UniqueConstraint(fields=["unit", "title"], name="post_title_is_unique_in_its_unit")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The title in the language of the page."""
        return in_language(self.title, self.title_en)
