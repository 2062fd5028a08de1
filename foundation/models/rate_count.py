"""How often one client knocked at one door in this minute and the one before."""

from django.db import models


class RateCount(models.Model):
    """A sliding window in two numbers. The table is UNLOGGED: it costs no disk flush and a crash may empty it."""

    key = models.CharField(primary_key=True, max_length=32)  # a keyed digest: no address of a person lies here
    minute = models.IntegerField()  # minutes since 1970
    count = models.IntegerField()
    previous = models.IntegerField()  # the count of the minute before

    class Meta:
        verbose_name = "rate count"

    def __str__(self) -> str:
        return f"{self.key}: {self.previous} + {self.count}"
