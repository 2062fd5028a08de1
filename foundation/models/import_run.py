"""One run of a bulk import: what was read, what came of it, and how far it got."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock


class ImportRun(models.Model):
    """Written in the same transaction as each batch, so that after a crash it says exactly what is in the database.

    ``read = imported + unchanged + rejected`` holds at every commit; the database checks it.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("進行中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("失敗")

    code = models.CharField(_("匯入種類"), max_length=60)
    file_name = models.CharField(_("檔名"), max_length=255)
    sha256 = models.CharField(_("檔案雜湊值"), max_length=64)
    mapping_sha256 = models.CharField(_("對照檔雜湊值"), max_length=64, blank=True)
    actor = models.CharField(_("執行者"), max_length=150, blank=True)
    state = models.CharField(_("狀態"), max_length=7, choices=State, default=State.RUNNING)
    started = models.DateTimeField(_("開始時間"), default=clock.now)
    finished = models.DateTimeField(_("結束時間"), null=True, blank=True)
    last_line = models.PositiveBigIntegerField(_("最後處理的行"), default=0)
    read = models.PositiveBigIntegerField(_("讀取筆數"), default=0)
    imported = models.PositiveBigIntegerField(_("匯入筆數"), default=0)
    unchanged = models.PositiveBigIntegerField(_("已存在筆數"), default=0)
    rejected = models.PositiveBigIntegerField(_("退回筆數"), default=0)
    rejects_bytes = models.PositiveBigIntegerField(default=0)  # the rejects file is cut back to this on resuming
    problem = models.TextField(_("失敗原因"), blank=True)

    class Meta:
        verbose_name = _("匯入紀錄")
        ordering: ClassVar = ["-started"]
        indexes: ClassVar = [models.Index(fields=["code", "sha256"], name="foundation_importrun_file")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(read=models.F("imported") + models.F("unchanged") + models.F("rejected")),
                name="foundation_importrun_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.file_name} ({self.get_state_display()})"
