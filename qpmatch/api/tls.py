"""Whom to trust: the machine's own certificates, and Mozilla's where the machine has none."""

from __future__ import annotations

import ssl

import certifi


def tls_context() -> ssl.SSLContext:
    """A verifying context of the system's defaults, ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` included.

    A slim container or a fresh macOS Python has no certificates of its own: certifi's are added.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
