"""How much memory a process held at most."""

import os
from pathlib import Path


def most_megabytes(process: int | None = None) -> float:
    """Return the most memory a process (this one without a number) held since its program began, in megabytes.

    `getrusage` would not do: a new program inherits there what its parent held. 0.0 where the system does not tell.
    """
    status = Path(f"/proc/{process or os.getpid()}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)
