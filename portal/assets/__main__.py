"""`python -m portal.assets`: builds the browser assets at set-up."""

from portal.assets.build import build

if __name__ == "__main__":
    build()
