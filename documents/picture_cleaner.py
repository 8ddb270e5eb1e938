"""A process of its own that makes one picture anew: pixels only, upright, no EXIF, profile, comment or second frame.

Decoders are where hostile pictures strike, and forty million pixels take memory: so this runs apart, with limits.
Run as a script: standard input is the picture, standard output the new one, the argument its format.
"""

import resource
import sys

from PIL import Image, ImageOps

MOST_PIXELS = 40_000_000
TOO_MANY_PIXELS = 3  # exit status; any other but 0 means that the picture is damaged
_MEMORY = 1 << 30  # bytes of address space
_SECONDS = 30  # of processor time
_OUTPUT = 40 * 1024 * 1024  # bytes


def main(kind: str) -> int:
    """Clean the picture on standard input; returns the exit status."""
    for limit, value in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, _OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    Image.MAX_IMAGE_PIXELS = None  # judged below, from the header, before a pixel is decoded
    with Image.open(sys.stdin.buffer, formats=[kind]) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            return TOO_MANY_PIXELS
        upright = ImageOps.exif_transpose(picture)
    transparency = upright.info.get("transparency")
    upright.info = {} if transparency is None or kind != "PNG" else {"transparency": transparency}
    if kind == "JPEG":
        plain = upright if upright.mode in ("L", "RGB") else upright.convert("RGB")
        plain.save(sys.stdout.buffer, "JPEG", quality=90, optimize=True)
    else:
        upright.save(sys.stdout.buffer, "PNG")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
