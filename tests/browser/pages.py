"""The pages of the product with somebody who sees each: role by role where the page differs."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stop:
    """A page, who opens it (nobody signed in without a name), and the status it answers with."""

    person: str
    path: str
    status: int = 200
    reads: str = field(default="", compare=False)  # words that must be there, so that the right page is looked at


STOPS = (
    Stop("", "/"),
    Stop("", "/help"),
    Stop("", "/privacy"),
    Stop("", "/accessibility"),
    Stop("", "/sign-in", reads="Inese Liepiņa"),
    Stop("", "/nowhere", 404),
    Stop("", "/sign-in/callback", 403),
    # The social worker who leads the case
    Stop("inese-liepina", "/desk", reads="Marta Kalniņa"),
    Stop("inese-liepina", "/roles"),
    Stop("inese-liepina", "/sessions", reads="Izrakstīties visur"),
    Stop("inese-liepina", "/search"),
    Stop("inese-liepina", "/needs/without-code", reads="Meitene vai zēns"),
    Stop("inese-liepina", "/dossiers/marta", reads="Kas iesaistīts"),
    Stop("inese-liepina", "/dossiers/marta/timeline", reads="Notikumi pēc kārtas"),
    Stop("inese-liepina", "/dossiers/marta/timeline?domain=health&only=opinions"),
    Stop("inese-liepina", "/dossiers/marta/timeline?from=1.1.1990.&to=2.1.1990.", reads="Nekas neatbilst"),
    Stop("inese-liepina", "/dossiers/marta/timeline?from=31.2.2026."),
    Stop("inese-liepina", "/dossiers/marta/assessments", reads="Visi divdesmit faktori"),
    Stop("inese-liepina", "/dossiers/marta/assessments/3", reads="Fakti un to novērtējums"),
    Stop("inese-liepina", "/dossiers/marta/assessments/3/correction", reads="Kāpēc labojat?"),
    Stop("inese-liepina", "/dossiers/marta/assessments/3/withdrawal"),
    Stop("inese-liepina", "/dossiers/marta/assessments/new", reads="Cik augsts ir risks?"),
    Stop("inese-liepina", "/dossiers/liva/assessments", reads="Vēl neviens nav vērtējis"),
    Stop("elina-rudzite", "/dossiers/marta/assessments/3", reads="Jūs redzat tikai daļu"),
    Stop("inese-liepina", "/dossiers/marta/family", reads="Cilvēki un kontakti"),
    Stop("inese-liepina", "/dossiers/marta/base", reads="Kontaktpersona"),
    Stop("inese-liepina", "/dossiers/marta/family/mother/contacts", reads="Ilze Kalniņa, māte"),
    Stop("inese-liepina", "/dossiers/marta/documents", reads="KB"),
    Stop("inese-liepina", "/dossiers/liva/documents", reads="Te nav dokumentu"),
    Stop("inese-liepina", "/dossiers/marta/access-log", reads="Aija Zariņa"),
    Stop("inese-liepina", "/dossiers/marta/events/home_visit", reads="Ierakstīts arī par"),
    Stop("inese-liepina", "/dossiers/marta/events/home_visit/correction", reads="Kāpēc labojat?"),
    Stop("inese-liepina", "/dossiers/marta/events/home_visit/withdrawal"),
    Stop("inese-liepina", "/dossiers/marta/events/psychologist_opinion"),
    Stop("inese-liepina", "/dossiers/marta/events/new", reads="Attiecas arī uz"),
    Stop("inese-liepina", "/dossiers/marta/level", reads="Līmeņi līdz šim"),
    Stop("inese-liepina", "/access-requests"),
    Stop("inese-liepina", "/access-requests/marta:elina-rudzite", reads="Jūsu lēmums"),
    Stop("inese-liepina", "/access-requests/marta:signe-upeniece", reads="Sacensībām pietiek"),
    Stop("inese-liepina", "/dossiers/marta/grants", reads="Ģirts Ķēniņš"),
    Stop("inese-liepina", "/dossiers/marta/plan", reads="redakcija"),
    Stop("inese-liepina", "/reports", reads="Ziņojumi"),
    Stop("inese-liepina", "/dossiers/tomass", 404),
    # Others of level 1: a school, the police, an orphan's court, a protected child, a fresh dossier
    Stop("aija-zarina", "/dossiers/marta"),
    Stop("aija-zarina", "/dossiers/marta/events/absence", reads="atsaukts"),
    Stop("martins-skele", "/dossiers/marta/timeline"),
    Stop("anda-zagare", "/dossiers/tomass"),
    Stop("anda-zagare", "/decisions", reads="Lēmumi"),
    Stop("kaspars-riekstins", "/dossiers/alise/family"),
    Stop("kaspars-riekstins", "/dossiers/alise", reads="Aizsargātā adrese"),
    Stop("zane-kaulina", "/roles", reads="Sociālais darbinieks"),
    # Level 2
    Stop("ruta-abele", "/desk"),
    Stop("girts-kenins", "/access-requests/marta:girts-kenins", reads="Lūgt pagarināt"),
    Stop("maija-krastina", "/access-requests", reads="Ārkārtas piekļuve, kas jāizskata"),
    Stop("maija-krastina", "/dossiers/rihards/emergencies/review", reads="Vai piekļuve bija pamatota?"),
    Stop("maija-krastina", "/access-requests", reads="kavējas"),
    Stop("maija-krastina", "/access-requests/rihards:edgars-kalejs", reads="aizkavē"),
    Stop("linda-karklina", "/step-up", reads="Apstipriniet, ka tas esat jūs"),
    Stop("ruta-abele", "/access-requests"),
    Stop("ruta-abele", "/access-requests/new", reads="Bērna personas kods"),
    Stop("ruta-abele", "/dossiers/marta"),
    Stop("ruta-abele", "/dossiers/marta/timeline"),
    Stop("girts-kenins", "/dossiers/marta/events/psychologist_opinion"),
    # Heads, governance, the steward
    Stop("sanita-berzina", "/desk"),
    Stop("vita-eglite", "/desk"),
    Stop("vita-eglite", "/access-requests", reads="Nav izlemts laikā"),
    Stop("vita-eglite", "/dossiers/marta"),
    Stop("vita-eglite", "/dossiers/marta/access-log"),
    Stop("renate-vilcina", "/desk", reads="kopskaitļiem|skaitļiem"),
    Stop("renate-vilcina", "/search", 403),
    Stop("linda-karklina", "/desk", reads="rūpējaties par sistēmu"),
    Stop("linda-karklina", "/admin/people", reads="Jauns konts"),
    Stop("linda-karklina", "/admin/people/new", reads="Izveidot kontu"),
    Stop("linda-karklina", "/admin/people/inese-liepina", reads="Slēgt kontu"),
    Stop("linda-karklina", "/admin/people/inese-liepina/roles/inese-liepina-1", reads="Lomas beigas"),
    Stop("linda-karklina", "/admin/people/inese-liepina/roles/new?institution=Cēsu", reads="Kura iestāde?"),
    Stop("linda-karklina", "/admin/people/inese-liepina/roles/new?institution=puces", reads="Amats"),
    Stop("linda-karklina", "/invitation", reads="Ielūguma kods"),
    Stop("linda-karklina", "/admin/audit", reads="Kāpēc meklējat?"),
    Stop("linda-karklina", "/admin/explain", reads="Kāpēc kāds drīkst"),
    # The family: mother, father apart, foster mother, young people
    Stop("ilze-kalnina", "/desk", reads="Labdien, Ilze"),
    Stop("ilze-kalnina", "/dossiers/marta"),
    Stop("ilze-kalnina", "/dossiers/marta/timeline"),
    Stop("ilze-kalnina", "/dossiers/marta/plan", reads="Mani papīri"),
    Stop("ilze-kalnina", "/dossiers/marta/family"),
    Stop("ilze-kalnina", "/dossiers/marta/access-log"),
    Stop("ilze-kalnina", "/dossiers/marta/events/home_visit"),
    Stop("andris-kalnins", "/dossiers/marta"),
    Stop("gunta-silina", "/desk"),
    Stop("kristaps-lacis", "/desk"),
    Stop("rihards-sprogis", "/dossiers/rihards/timeline"),
)
