"""Whether the connection is paid for by volume, as far as the system says: for commands, which have no window."""

from __future__ import annotations


def metered_now() -> bool:
    """Whether the system says that volume costs; False where it cannot tell, or Qt's network part is not there."""
    try:
        from PySide6.QtCore import QCoreApplication
        from PySide6.QtNetwork import QNetworkInformation
    except ImportError:
        return False
    own = None if QCoreApplication.instance() else QCoreApplication([])
    metered = QNetworkInformation.Feature.Metered
    try:
        if not QNetworkInformation.loadBackendByFeatures(metered):
            return False
        information = QNetworkInformation.instance()
        return bool(information.supports(metered) and information.isMetered())
    finally:
        if own is not None:
            # Or this process could show no window any more: there is one application, and this one has no screen.
            own.shutdown()
