"""A mail as it goes over the wire: of our own words, the receiver's address and nothing else."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from documents.outbox import OutboxItem
from portal.mail.words import sort_of, text_of


def letter(item: OutboxItem, to: str, language: str, sender: str, public_url: str) -> EmailMessage:
    """Return the mail about a notice. It is the same to the letter whenever it is made: also its Message-ID."""
    text = text_of(
        sort_of(item.content["change"], family=not item.content["role_id"]), language, f"{public_url}/notices"
    )
    made = EmailMessage(policy=SMTP)
    made["From"] = f"Atbalsts <{sender}>"
    made["To"] = to
    made["Subject"] = text.subject
    made["Date"] = format_datetime(_second(item.at))
    made["Message-ID"] = f"<{item.id}@{urlsplit(public_url).hostname}>"
    made["Auto-Submitted"] = "auto-generated"  # no machine shall answer it
    made.set_content(text.body, cte="quoted-printable")
    return made


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
