"""How dates, times, numbers and ages are written: `22.11.2026.`, `plkst. 15.30`, `12 gadi`."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal.translations import Language, language, translations

RIGA: Final = ZoneInfo("Europe/Riga")

MONTHS: Final[dict[Language, tuple[str, ...]]] = {
    "lv": (
        *("janvāris", "februāris", "marts", "aprīlis", "maijs", "jūnijs"),
        *("jūlijs", "augusts", "septembris", "oktobris", "novembris", "decembris"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
SHORT_MONTHS: Final[dict[Language, tuple[str, ...]]] = {
    "lv": (
        *("janv.", "febr.", "marts", "apr.", "maijs", "jūn."),
        *("jūl.", "aug.", "sept.", "okt.", "nov.", "dec."),
    ),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


def in_riga(moment: date | datetime) -> date | datetime:
    """A moment as clocks in Latvia show it; a plain date stays. A moment without a zone is a ValueError."""
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return moment.astimezone(RIGA)


def date_text(day: date | datetime, lang: Language | None = None) -> str:
    """`22.11.2026.` or, in English, `22 November 2026`; a moment counts by its day in Latvia."""
    local, lang = in_riga(day), lang or language()
    if lang == "en":
        return f"{local.day} {MONTHS['en'][local.month - 1]} {local.year}"
    return f"{local.day:02}.{local.month:02}.{local.year}."


def day_text(day: date | datetime, lang: Language | None = None) -> str:
    """The day without its year, for lists under a year's heading: `22.11.`, `22 Nov`."""
    local, lang = in_riga(day), lang or language()
    if lang == "en":
        return f"{local.day} {SHORT_MONTHS['en'][local.month - 1]}"
    return f"{local.day:02}.{local.month:02}."


def last_day(end: datetime) -> date:
    """The day that ends at the moment `end`: a midnight belongs to the day before it."""
    return in_riga(end - timedelta(microseconds=1))


def month_text(day: date, lang: Language | None = None) -> str:
    """The month of a day: `2026. gada maijs`, `May 2026`."""
    lang = lang or language()
    name = MONTHS[lang][day.month - 1]
    return f"{name} {day.year}" if lang == "en" else f"{day.year}. gada {name}"


def time_text(moment: datetime, lang: Language | None = None) -> str:
    """`plkst. 15.30`, in English `15:30`, by the clock in Latvia."""
    local = in_riga(moment)
    assert isinstance(local, datetime)  # noqa: S101 - for the type checker: a moment stays a moment
    return f"{local:%H:%M}" if (lang or language()) == "en" else f"plkst. {local.hour}.{local.minute:02}"


def datetime_text(moment: datetime, lang: Language | None = None) -> str:
    """Date and time: `22.11.2026. plkst. 15.30`, `22 November 2026, 15:30`."""
    lang = lang or language()
    return f"{date_text(moment, lang)}{',' if lang == 'en' else ''} {time_text(moment, lang)}"


def number_text(value: float, lang: Language | None = None, digits: int = 0) -> str:
    """`360 000` with a hard space, `6,9`; in English `360,000`, `6.9`."""
    english = f"{value:,.{digits}f}"
    if (lang or language()) == "en":
        return english
    return english.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


def size_text(size: int, lang: Language | None = None) -> str:
    """The size of a file of `size` bytes: `340 KB`, `1,2 MB`."""
    if size < 1_000_000:
        return f"{number_text(max(1, round(size / 1000)), lang)} KB"
    return f"{number_text(size / 1_000_000, lang, digits=1)} MB"


def age_on(birth: date, day: date) -> int:
    """Full years on a day; somebody born on 29 February turns a year older on 1 March. Negative before birth."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def months_on(birth: date, day: date) -> int:
    """Full months on a day; negative before birth."""
    return (day.year - birth.year) * 12 + day.month - birth.month - (day.day < birth.day)


def age_text(birth: date, day: date, lang: Language | None = None) -> str:
    """`12 gadi`; under a year in months, under a month in days, "before birth" for earlier days."""
    t = translations(lang or language())
    if day < birth:
        return t.gettext("before birth")
    years, months = age_on(birth, day), months_on(birth, day)
    if years:
        return t.ngettext("%(count)s year", "%(count)s years", years) % {"count": years}
    if months:
        return t.ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
    days = (day - birth).days
    return t.ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
