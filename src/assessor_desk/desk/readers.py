"""The two worker processes that read hostile files, each started when first needed and closed with the desk."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from assessor_desk.domain.errors import DeskError

if TYPE_CHECKING:
    from assessor_desk.artifacts.documents import DocumentsClient
    from assessor_desk.artifacts.media import MediaClient


class Readers:
    """Clients of the workers, one of each for a desk. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._documents: DocumentsClient | None = None
        self._media: MediaClient | None = None

    @property
    def documents(self) -> DocumentsClient:
        """The reader of documents, pictures and texts."""
        with self._lock:
            if self._documents is None:
                from assessor_desk.artifacts.documents import DocumentsClient

                self._documents = DocumentsClient()
            return self._documents

    @property
    def media(self) -> MediaClient:
        """The reader of sound and video."""
        with self._lock:
            if self._media is None:
                from assessor_desk.artifacts.media import MediaClient

                self._media = MediaClient()
            return self._media

    def get_ready(self) -> None:
        """Start the reader of documents before the first is opened; what is wrong with it is told of that one."""
        with contextlib.suppress(DeskError):
            self.documents.start()

    def get_ready_for_recordings(self) -> None:
        """Start a reader of recordings ahead, unless one stands ready."""
        self.media.start()

    def close(self) -> None:
        """End the workers that were started."""
        with self._lock:
            documents, self._documents = self._documents, None
            media, self._media = self._media, None
        if documents is not None:
            documents.close()
        if media is not None:
            media.close()
