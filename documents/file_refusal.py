"""Why a file is not taken: one sentence each that says what to do. Texts of `locale/lv/attachments.po`."""

N_ = str  # marks texts for the catalogue; they are translated where they are shown


class RefusedFile(Exception):
    """The file is not taken. `message_id` is the English sentence, `values` what it names (at least `name`)."""

    def __init__(self, message_id: str, values: dict[str, str | int] | None = None) -> None:
        super().__init__(message_id)
        self.message_id, self.values = message_id, values or {}

    def about(self, name: str) -> "RefusedFile":
        """The same refusal, saying which file it is about."""
        return RefusedFile(self.message_id, {**self.values, "name": name})


UNKNOWN = N_("“%(name)s” is not a PDF, JPEG, PNG, DOCX, ODT or eDoc file. Save it as PDF and attach that.")
TOO_LARGE = N_("“%(name)s” is larger than %(limit)s MB. Make it smaller or split it.")
EMPTY = N_("“%(name)s” is empty. Choose the file again.")
OLDER_OFFICE = N_("“%(name)s” is an older Office file or has a password. Save it as DOCX or PDF, without a password.")
HEIC = N_("“%(name)s” is a HEIC picture, which many computers cannot show. Save it as JPEG and attach that.")
DAMAGED = N_("“%(name)s” is damaged or incomplete. Open it, save it anew and attach the new file.")
TWO_IN_ONE = N_("“%(name)s” is two kinds of file in one. Save it as PDF and attach that.")
PDF_PROGRAM = N_("“%(name)s” holds a program or another file inside. Print it to a new PDF and attach that.")
PDF_HIDES = N_("“%(name)s” is built so that it cannot be checked. Print it to a new PDF and attach that.")
PASSWORD = N_("“%(name)s” has a password, so it cannot be checked. Save it without the password.")
UNPACKS_TOO_LARGE = N_("“%(name)s” unpacks to far more than a document needs. Save it as PDF and attach that.")
ODD_PACKING = N_("“%(name)s” is packed in a way that could harm whoever opens it. Save it as PDF and attach that.")
MACROS = N_("“%(name)s” contains macros or other programs. Save it without them or as PDF.")
FETCHES = N_("“%(name)s” fetches something from the network when it is opened. Save it as PDF and attach that.")
INSIDE = N_(
    "“%(name)s” contains “%(inside)s”, which is not a PDF, JPEG, PNG, DOCX or ODT file. Sign the PDF of it instead."
)
TOO_MANY_PIXELS = N_("“%(name)s” has more than %(limit)s million pixels. Make the picture smaller.")
MALWARE = N_("“%(name)s” contains malicious software and was not kept. Tell the IT support of your institution.")
NOT_SCANNED = N_("“%(name)s” could not be checked for malicious software just now. Attach it again in a few minutes.")
TOO_MANY_WAITING = N_(
    "You have %(limit)s files that belong to no entry yet. Save the entry first, then attach “%(name)s”."
)
