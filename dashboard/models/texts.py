"""What has texts in both languages."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.language import in_language


class Titled(models.Model):
    """A title in Traditional Chinese and one in English."""

    title = models.CharField(_("標題"), max_length=60)
    title_en = models.CharField(_("英文標題"), max_length=120)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.in_language("title")

    def in_language(self, name: str) -> str:
        """A text in the language of the page; the Chinese one where there is no English."""
        return in_language(getattr(self, name), getattr(self, f"{name}_en"))
