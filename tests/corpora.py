"""What hostile people type: operators, markup, templates, numbers and letters nobody expects."""

CANARY = "kanarijs"

OPERATORS = [
    '{"$ne":null}',
    '{"$gt":""}',
    '{"$regex":"^a"}',
    f'{{"$where":"sleep(5000)//{CANARY}"}}',
    '{"$expr":{"$eq":[1,1]}}',
    "$where",
    "a.b",
    "__proto__",
    "' || '1'=='1",
    "507f1f77bcf86cd799439011",
    "[object Object]",
]
NUMBERS = ["9223372036854775808", "-1", "1e308", "NaN", "Infinity", "0", "٣", "²", "9" * 400, "0x10", "1_0"]
DAYS = ["01.01.0001.", "31.12.9999.", "0001-01-01", "9999-12-31", "29.02.2023.", "00.00.0000.", "32.13.2020."]
LETTERS = [
    "",
    " ",
    "a\x00b",
    "\ud7ff\ufffe",
    "\u202efdp.exe\u2066",
    "a\r\nSet-Cookie: x=1\r\n\r\n<b>",
    "a\u0300" * 300,
    "ＡＢ＝１",
    "x" * 30_000,
    "../../etc/passwd",
    "%00%0d%0a%2e%2e%2f",
    "💥" * 500,
]
EVERYTHING = [*OPERATORS, *NUMBERS, *DAYS, *LETTERS]

# Names a form field or parameter may be given.
NAMES = [
    f"${CANARY}",
    f"q[${CANARY}]",
    f"{CANARY}.$gt",
    f"{CANARY}\x00",
    f"{CANARY}[]",
    "__proto__",
    "constructor.prototype",
    "_id",
    "x" * 5000,
    "",
]
# Each carries an element or attribute of its own, to be recognised wherever a page lets it in.
MARKUP = [
    "<x-corpus>",
    '"><x-corpus onmouseover=alert(1)>',
    "'><x-corpus>",
    "</script><x-corpus>",
    "</textarea></title><x-corpus>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "javascript:alert(1)//x-corpus",
    "{{7*7}}{% raw %}<x-corpus>",
    "{{ config.__class__ }}${7*7}#{7*7}",
    "--><x-corpus><!--",
    "]]><x-corpus>",
    "&lt;x-corpus&gt;",
    "%(limit)s %s {0} {limit}",
]
REDOS = [
    "a" * 50_000 + "!",
    "(" * 10_000,
    "a " * 30_000,
    "1" * 60_000,
    "1." * 30_000,
    "(a+)+$" + "a" * 40_000,
    ".*" * 9000,
]
