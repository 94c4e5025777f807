"""Files that are sent to us: of each only so much is taken in as the largest that we read may have."""

from __future__ import annotations

from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from scheduling.marked_yaml import LARGEST_BYTES

# One more, so that whoever reads it sees that it was too long.
MOST_BYTES: Final = LARGEST_BYTES + 1


class CutUploads(FileUploadHandler):
    """Lets the rest of a longer file go by, which else would fill the disk before any page says that it is too long.
    Anybody can send one, to whatever page."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """What of it is handed on to the next handler; None for nothing."""
        return raw_data[: max(MOST_BYTES - start, 0)] or None

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        """Nothing is kept here."""
        return None
