"""Which entries pass the filters – judged only by what this person sees of each."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from auth.entries import Sight
from documents.classifiers import classifiers
from documents.names import fold, words
from portal.dossier.seen import Seen
from portal.timeline.filters import Filters

OPINIONS = "assessment"  # the shape of assessments and opinions


@dataclass(frozen=True)
class Found:
    """The entries that pass, and how many would pass per domain and as opinions if those were not filtered."""

    entries: list[Seen]
    by_domain: Mapping[str, int]
    opinions: int


def found_in(seen: Sequence[Seen], filters: Filters, matching: Collection[str] | None) -> Found:
    """Filter what somebody sees; `matching` are the ids of entries with the keyword, None where none was asked."""
    pool = [
        one
        for one in seen
        if _in_period(one, filters) and _of_place(one, filters) and (matching is None or one.event.id in matching)
    ]
    in_domains = [one for one in pool if not filters.domains or one.event.domain in filters.domains]
    opinions = [one for one in in_domains if _is_opinion(one)]
    counted = [one for one in pool if _is_opinion(one)] if filters.opinions else pool
    return Found(
        opinions if filters.opinions else in_domains, Counter(one.event.domain for one in counted), len(opinions)
    )


def texts_of(one: Seen) -> list[str]:
    """The open words of an entry that this person may read; detail and fields only of what is theirs to read."""
    event, known = one.event, classifiers()
    texts = [event.institution_name, event.recorded_by.name if event.recorded_by else ""]
    if one.sight > Sight.PRESENCE:
        kind = known.event_kinds[event.kind]
        texts += [kind.lv, kind.en]
    if one.sight >= Sight.LINE:
        texts.append(event.summary)
    if one.sight is Sight.FULL:
        texts += content_texts(event.detail, event.fields)
        texts += [attachment.name for attachment in event.attachments]
    return texts


def content_texts(detail: str, fields: Mapping[str, str]) -> list[str]:
    """The narrative and the answers, choices by their names."""
    options = classifiers().event_field_options
    named = [text for value in fields.values() if value in options for text in (options[value].lv, options[value].en)]
    return [detail, *fields.values(), *named]


def holds(texts: Sequence[str], asked: Sequence[str]) -> bool:
    """Whether every asked word (folded) stands somewhere in the texts."""
    folded = fold(" ".join(texts))
    return all(word in folded for word in asked)


def asked_words(keyword: str) -> list[str]:
    """The words of a keyword as they are looked for: folded, at most eight."""
    return words(keyword)


def _in_period(one: Seen, filters: Filters) -> bool:
    """A period that lasts into the time asked for belongs to it; a planned event to every time without an end."""
    event = one.event
    told = one.sight > Sight.PRESENCE
    last = event.to or (filters.until if event.shape == "span" else event.day) if told else event.day
    if filters.since and last is not None and last < filters.since:
        return False
    return not (filters.until and event.day > filters.until)


def _of_place(one: Seen, filters: Filters) -> bool:
    if filters.institution and one.event.institution_id != filters.institution:
        return False
    return not filters.kind or (one.sight > Sight.PRESENCE and one.event.kind == filters.kind)


def _is_opinion(one: Seen) -> bool:
    """Of an entry whose kind is not shown nobody learns whether it is an opinion."""
    return one.sight > Sight.PRESENCE and one.event.shape == OPINIONS
