"""The means of signing in that are switched on, for the page that offers them."""

from dataclasses import dataclass

from portal.settings import PROVIDERS, Settings
from portal.translations import N_, gettext

# Names of others stay as they write them.
_MEANS = {
    "latvija-lv": ("latvija.lv", N_("eID card, eParaksts mobile or internet bank")),
    "smart-id": ("Smart-ID", N_("the app on your phone")),
    "eparaksts": ("eParaksts", N_("eID card or eParaksts mobile")),
    "staff": (N_("Your institution's account"), N_("for staff whose institution signs its people in itself")),
}


@dataclass(frozen=True)
class Means:
    """One means: the broker's code in the realm, its name, what one needs for it."""

    code: str
    name: str
    hint: str


def means_on(settings: Settings) -> list[Means]:
    """Return what is switched on, always in the same order; nothing where the provider asks by itself."""
    return [
        Means(code, gettext(_MEANS[code][0]), gettext(_MEANS[code][1]))
        for code in PROVIDERS
        if code in settings.sign_in_with
    ]
