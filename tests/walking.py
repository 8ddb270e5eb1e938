"""Walks the portal by its own forms: finds every form somebody is shown, fills it as a page would let them."""

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

import html5lib

from documents.model import day_of
from tests.browsing import Browser

TYPED = {"text", "textarea", "search", "tel", "email"}
# What these fields take; all others take words.
CHECKED_NAMES = ("day", "until", "since", "to", "from", "born", "time", "code", "phone", "email", "sub")


@dataclass
class Control:
    """A field of a form: its kind, what stands in it, what may be chosen."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)

    @property
    def words(self) -> bool:
        """Whether one types any words here."""
        return self.kind in TYPED and not re.fullmatch(rf"({'|'.join(CHECKED_NAMES)})(_\w+)?", self.name)


@dataclass
class Form:
    """A form of a page somebody was shown."""

    person: str
    action: str
    controls: list[Control]
    page: str = ""  # where it was shown, if there is an address

    @property
    def typed(self) -> bool:
        """Whether something is typed or chosen, not only pressed."""
        return any(control.kind != "hidden" for control in self.controls)

    def filled(self, day: str, words: str) -> dict[str, str]:
        """What a person would send: the hidden fields as they are, the first choices, a day, these words."""
        sent: dict[str, str] = {}
        for control in self.controls:
            value = control.value
            if control.words:
                value = words
            elif control.kind in TYPED and not value:
                value = _plausible(control.name, day)
            elif control.options:
                value = control.options[0]
            sent.setdefault(control.name, value)
        return sent


def _plausible(name: str, day: str) -> str:
    plain = name.partition("_")[0]
    known = {"until": day, "phone": "0000 0001", "email": "nobody@pasts.example", "day": day}
    return known.get(plain, "")


def forms_of(browser: Browser, person: str) -> list[Form]:
    """The forms of the last page that send something."""
    tree = html5lib.parse(browser.page, namespaceHTMLElements=False)
    found = []
    for element in tree.iter("form"):
        if (element.get("method") or "").lower() != "post":
            continue
        controls: dict[str, Control] = {}
        for node in element.iter():
            name = node.get("name") if isinstance(node.tag, str) else None
            if not name or node.get("type") in ("file", "submit") or node.tag == "button":
                continue
            if node.tag == "select":
                options = [o.get("value") or "" for o in node.iter("option") if o.get("value")]
                controls[name] = Control(name, "select", options=options)
            elif node.tag == "textarea":
                controls[name] = Control(name, "textarea", node.text or "")
            elif node.tag == "input":
                kind = node.get("type") or "text"
                control = controls.setdefault(name, Control(name, kind, node.get("value") or ""))
                if kind in ("radio", "checkbox"):
                    control.options.append(node.get("value") or "on")
        controls.pop("csrf", None)
        found.append(Form(person, element.get("action") or "", list(controls.values())))
    return found


async def walk(browser: Browser, person: str, paths: Iterable[str], opens: set[str]) -> AsyncIterator[Form]:
    """Every form on these pages, and behind the buttons that only open another form (`opens`: their addresses)."""
    for path in paths:
        answer = await browser.get(path)
        if answer.status_code != 200:
            continue
        for form in forms_of(browser, person):
            form.page = path
            yield form
            if form.action in opens and not form.typed:
                await browser.post(form.action, form.filled("", ""))
                for further in forms_of(browser, person):
                    yield further
                await browser.get(path)


async def renewed(browser: Browser, form: Form) -> Form:
    """The form as its page shows it now, with present versions; as it was, where it is shown no more."""
    if not form.page:
        return form
    await browser.get(form.page)
    return next((new for new in forms_of(browser, form.person) if new.action == form.action), form)


def riga_day(browser: Browser) -> str:
    """Today as one types it."""
    return f"{day_of(browser.held.now()):%d.%m.%Y}."
