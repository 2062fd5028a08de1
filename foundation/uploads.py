"""Uploads on their way in: a full disk costs the file, never what was typed beside it."""

import logging
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

log = logging.getLogger(__name__)


class PatientFileUploadHandler(TemporaryFileUploadHandler):
    """Django's handler for large files, which goes on reading the form when there is no room for a file.

    What could not be kept arrives as an empty file with ``unkept`` set, for which `foundation.files.no_room` has the
    words. Django's own would end the request with an error page and all that was typed would be lost.
    """

    failed = False
    file: Any = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open a temporary file; without room for it, remember that."""
        self.failed = False
        try:
            super().new_file(*args, **kwargs)
        except OSError as problem:
            self._give_up(problem)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece, or let it go by."""
        if self.failed:
            return
        try:
            super().receive_data_chunk(raw_data, start)
            self.file.flush()
        except OSError as problem:
            self._give_up(problem)

    def file_complete(self, file_size: int) -> Any:
        """The file, or an empty one that says that it could not be kept."""
        if not self.failed:
            return super().file_complete(file_size)
        # Of one byte, or the form would call it empty before anybody can say why it is.
        lost: Any = InMemoryUploadedFile(BytesIO(), self.field_name, self.file_name, self.content_type, 1, self.charset)
        lost.unkept = True
        return lost

    def _give_up(self, problem: OSError) -> None:
        log.error("no room for an upload on its way in: %s", problem)
        self.failed = True
        if self.file is not None:
            try:
                self.file.close()
            except OSError:
                log.debug("and its temporary file is gone already")
