"""Which malware scanner uploads go through."""

from portal.runtime import Runtime


def scanner_of(held: Runtime) -> str:
    """Return clamd's address; empty in the demo, where production's demand for one does not hold."""
    return held.settings.malware_scanner
