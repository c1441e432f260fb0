"""Receiving files: to a temporary file on disk, and never more of it than an attachment may have."""

from django.core.files.uploadhandler import TemporaryFileUploadHandler

from applications.documents import FILE_BYTES


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Writes to disk while bytes arrive; past the limit it only counts them.

    The file of a form then has the size that was sent, so that the refusal can name it, and no
    content. Applies to every form of the portal, whoever sends it.
    """

    def receive_data_chunk(self, raw_data, start):
        """Write one piece, or drop what was written once the limit is passed."""
        if start + len(raw_data) <= FILE_BYTES:
            self.file.write(raw_data)
        elif start <= FILE_BYTES:
            self.file.seek(0)
            self.file.truncate()
