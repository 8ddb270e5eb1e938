"""E-mail: says that there is something new in Atbalsts and where to sign in; never a word about anybody.

A notice lies in the outbox; a worker addresses it (`addressing`), writes to each person (`letter`) and sends
(`sending`) through a post (`post`): an SMTP server, or in the demo a catcher that shows what was sent.
"""
