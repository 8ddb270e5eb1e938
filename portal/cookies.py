"""Our cookies: what each is called and how it is set; the only place that decides either."""

from enum import StrEnum
from typing import Final

from litestar.datastructures import Cookie


class Kept(StrEnum):
    """What a browser keeps for us, by its name in the demo."""

    SESSION = "atbalsts_demo"
    FLOW = "atbalsts_flow"  # what is needed on return from the identity provider
    NOTICE = "atbalsts_notice"  # a word about what was done, across one redirect
    LANGUAGE = "language"


# Browsers refuse `__Host-` without Secure and Path=/ or with a Domain, and no neighbouring host can set it.
_PRODUCTION: Final = {
    Kept.SESSION: "__Host-atbalsts",
    Kept.FLOW: "__Host-atbalsts_flow",
    Kept.NOTICE: "__Host-atbalsts_notice",
    Kept.LANGUAGE: "__Host-language",
}


def cookie_name(which: Kept, *, demo: bool) -> str:
    """Return the cookie's name: plain in the demo, which speaks http on loopback, else bound to this host and https."""
    return which.value if demo else _PRODUCTION[which]


def made_cookie(which: Kept, value: str, *, demo: bool, max_age: int | None = None) -> Cookie:
    """Return the cookie to set; `max_age` in seconds, 0 removes it, none lasts as long as the browser is open."""
    return Cookie(
        key=cookie_name(which, demo=demo),
        value=value,
        path="/",
        httponly=True,
        samesite="lax",
        secure=not demo,
        max_age=max_age,
    )
