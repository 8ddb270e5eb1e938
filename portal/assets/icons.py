"""The Tabler icons we use, as one sprite; pages show one by name."""

import re
from pathlib import Path
from typing import Final

ICONS: Final = (
    "alert-triangle",
    "arrow-left",
    "arrow-right",
    "bell",
    "briefcase",
    "building-community",
    "calendar-event",
    "calendar-time",
    "chart-bar",
    "check",
    "chevron-down",
    "chevron-right",
    "circle-check",
    "clipboard-check",
    "clock",
    "clock-exclamation",
    "device-floppy",
    "download",
    "eye",
    "file-text",
    "filter",
    "flag",
    "flask",
    "gavel",
    "heart",
    "heart-handshake",
    "help-circle",
    "history",
    "home",
    "id-badge-2",
    "info-circle",
    "language",
    "layout-dashboard",
    "list",
    "lock",
    "logout",
    "mail",
    "map-pin",
    "message-circle",
    "paperclip",
    "pencil",
    "phone",
    "plus",
    "printer",
    "refresh",
    "scale",
    "school",
    "search",
    "send",
    "shield-half",
    "shield-lock",
    "sparkles",
    "stairs-up",
    "star",
    "stethoscope",
    "switch-horizontal",
    "timeline-event",
    "trash",
    "triangle",
    "upload",
    "user",
    "user-plus",
    "users",
    "x",
)


def sprite(folder: Path) -> str:
    """One SVG with a symbol per icon, read from the package's outline pictures."""
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(_symbol(folder, name) for name in ICONS)}</svg>'


def _symbol(folder: Path, name: str) -> str:
    source = (folder / f"{name}.svg").read_text("utf-8")
    body = re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL)
    body = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", body, flags=re.DOTALL)
    body = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", body)
    body = re.sub(r"\s+", " ", body).replace("> <", "><").replace(" />", "/>").strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'
