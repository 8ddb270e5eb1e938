"""`python -m portal.translations`: names what is wrong with the translations; status 1 when anything is."""

import sys

from portal.translations.check import problems

if __name__ == "__main__":
    found = problems()
    print(*found or ["All texts are translated."], sep="\n")  # noqa: T201 - this is its output
    sys.exit(bool(found))
