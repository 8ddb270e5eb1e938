"""Pictures are taken as pixels only: made anew in a process of its own (`documents.picture_cleaner`)."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from documents import picture_cleaner
from documents.file_refusal import DAMAGED, TOO_MANY_PIXELS, RefusedFile

SECONDS = 60
_SCRIPT = str(Path(picture_cleaner.__file__).resolve())
_at_once = asyncio.Semaphore(2)  # each may take a gigabyte


@asynccontextmanager
async def cleaned(file: IO[bytes], kind: str) -> AsyncIterator[IO[bytes]]:
    """The picture without anything that tells where, when and by whom; `kind` is JPEG or PNG. Raises RefusedFile."""
    with TemporaryFile() as clean:
        file.flush()
        file.seek(0)
        async with _at_once:
            status = await _run(file, clean, kind)
        if status == picture_cleaner.TOO_MANY_PIXELS:
            raise RefusedFile(TOO_MANY_PIXELS, {"limit": picture_cleaner.MOST_PIXELS // 1_000_000})
        if status != 0:
            raise RefusedFile(DAMAGED)
        yield clean


async def _run(file: IO[bytes], clean: IO[bytes], kind: str) -> int:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", _SCRIPT, kind), stdin=file, stdout=clean, stderr=asyncio.subprocess.DEVNULL, env={}
    )
    try:
        return await asyncio.wait_for(process.wait(), SECONDS)
    except TimeoutError:
        return 1
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
