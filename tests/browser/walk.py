"""`make screenshots`: the pages of the README's walk as pictures, from a fresh demo, with what they were made of.

`docs/walk/made-of.json` keeps a hash of the templates each picture shows, so that an old one is noticed.
"""

import asyncio
import hashlib
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.async_api import async_playwright

from tests.browser.conftest import CHROMIUM, DESKTOP, PHONE
from tests.browser.demo import Demo, running_demo
from tests.browser.visitor import Visitor

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "walk"
MADE_OF = FOLDER / "made-of.json"
LARGEST = 100_000  # bytes of a picture
COLOURS = 128


@dataclass(frozen=True)
class Picture:
    """A page of somebody, on a desktop or a phone, and the folders of templates it is made of."""

    name: str
    person: str
    path: str
    folders: Sequence[str]
    phone: bool = False

    @property
    def file(self) -> Path:
        """Where it lies."""
        return FOLDER / f"{self.name}.png"


WALK = (
    Picture("desk", "inese-liepina", "/desk", ("desk", "notices")),
    Picture("dossier", "inese-liepina", "/dossiers/marta", ("dossier",)),
    Picture("life-course", "inese-liepina", "/dossiers/marta/timeline", ("timeline", "dossier")),
    Picture("event", "inese-liepina", "/dossiers/marta/events/new", ("events",)),
    Picture("triangle", "inese-liepina", "/dossiers/marta/assessments", ("assessments", "dossier")),
    Picture("plan", "inese-liepina", "/dossiers/marta/plan", ("plans", "dossier")),
    Picture("my-plan", "ilze-kalnina", "/dossiers/marta/plan", ("plans",), phone=True),
    Picture("who-looked", "ilze-kalnina", "/dossiers/marta/access-log", ("access_log", "dossier"), phone=True),
    Picture("report", "aija-zarina", "/reports/new", ("reports",), phone=True),
    Picture("access", "inese-liepina", "/access-requests/marta:elina-rudzite", ("access_requests",)),
    Picture("decision", "anda-zagare", "/dossiers/tomass/decisions/new/contact_order", ("decisions", "dossier")),
    Picture("oversight", "vita-eglite", "/oversight", ("oversight",)),
    Picture("figures", "renate-vilcina", "/analytics/children_by_level", ("analytics",)),
)


def made_of(picture: Picture) -> str:
    """A hash of the templates the picture shows: its folders, and what every page is made of."""
    whole = hashlib.sha256()
    shared = sorted((ROOT / "templates").glob("*.html"))
    own = [path for folder in picture.folders for path in sorted((ROOT / "templates" / folder).glob("*.html"))]
    for path in (*shared, *own):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


async def take(demo: Demo) -> None:
    """Sit down as each person and take the pictures, a line for each."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for picture in WALK:
            width, height = PHONE if picture.phone else DESKTOP
            context = await browser.new_context(
                viewport={"width": width, "height": height}, locale="lv-LV", base_url=demo.base
            )
            visitor = await Visitor.arrive(await context.new_page(), demo)
            await visitor.sign_in(picture.person)
            status = await visitor.go(picture.path)
            if status != 200:
                sys.exit(f"{picture.name}: {picture.path} answered {status}")
            await visitor.page.wait_for_load_state("networkidle")
            _keep(picture, await visitor.page.screenshot())
            await context.close()
            print(f"docs/walk/{picture.name}.png", picture.file.stat().st_size // 1000, "kB")
        await browser.close()
    MADE_OF.write_text(json.dumps({picture.name: made_of(picture) for picture in WALK}, indent=1) + "\n")


def _keep(picture: Picture, content: bytes) -> None:
    with Image.open(io.BytesIO(content)) as shot:
        few = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(picture.file, optimize=True)
    if picture.file.stat().st_size > LARGEST:
        sys.exit(f"{picture.name}: more than {LARGEST // 1000} kB")


def main() -> None:
    """Take them all."""
    atbalsts = str(Path(sys.executable).with_name("atbalsts"))
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder)) as demo:
        subprocess.run([atbalsts, "releases", "make", "--data", folder], check=True, capture_output=True)
        asyncio.run(take(demo))


if __name__ == "__main__":
    main()
