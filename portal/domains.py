"""The five domains of a child's life; each has one colour (`data-color=key`), icon and word everywhere."""

from dataclasses import dataclass
from typing import Final, Literal

from portal.translations import N_

DomainKey = Literal["education", "health", "welfare", "interior", "justice"]


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain with its English name (the text to translate) and Tabler icon."""

    key: DomainKey
    name: str
    icon: str


DOMAINS: Final = (
    Domain("education", N_("Education"), "school"),
    Domain("health", N_("Health"), "stethoscope"),
    Domain("welfare", N_("Welfare"), "heart-handshake"),
    Domain("interior", N_("Interior"), "shield-half"),
    Domain("justice", N_("Justice"), "scale"),
)
BY_KEY: Final = {domain.key: domain for domain in DOMAINS}
