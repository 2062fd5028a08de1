"""What has a name in both languages."""

from django.db import models

from foundation.language import in_language


class Named(models.Model):
    """A name in Traditional Chinese and one in English."""

    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=160)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        return in_language(self.name, self.name_en)
