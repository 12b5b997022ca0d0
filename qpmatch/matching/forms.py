"""Legal forms: which words at the ends of a company's name say what kind of body it is, not who it is.

The table is the project's own and not cleanco's (BSD, consulted for the list of countries): cleanco strips
a form but does not say which one it was, and it is the form that tells Toro Corp. from Toro Co. Here a word
maps to a form, spelled out or not, so that "Limited" and "Ltd" are the same form and "Inc" is another.

Words stand as :func:`qpmatch.matching.names.fold` leaves them: lower case, no accents, initials joined
("S.p.A." is ``spa``, "A/S" is ``as``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

_TABLE: Final = """
inc = inc, incorporated, incorporation
corp = corp, corporation, corpn, crp
co = co, company, compagnie, companhia, compania, cia, cie
ltd = ltd, limited, ltee, limitee, lmtd, ltda, limitada, lda
plc = plc, public limited company, public ltd company, public limited co, public ltd co, cyfyngedig
llc = llc, limited liability company, limited liability co
llp = llp, limited liability partnership
lp = lp, limited partnership
lllp = lllp
pllc = pllc
pc = pc, professional corporation
pa = pa, professional association
na = national association, na
cic = cic, community interest company
unlimited = ultd, unlimited
pty = pty, proprietary
nl = nl, no liability
pte = pte
pvt = pvt, private
opc = opc
bhd = bhd, berhad
sdn = sdn, sendirian
pt = pt, perseroan terbatas
tbk = tbk, terbuka
pcl = pcl, public company limited, public co ltd
kk = kk, kabushiki kaisha, 株式会社, 株
yk = yk, yugen kaisha, 有限会社
gk = godo kaisha, 合同会社
zh = 有限公司, 股份有限公司, 有限责任公司
kr = 주식회사
ag = ag, aktiengesellschaft
gmbh = gmbh, mbh, gesellschaft mit beschrankter haftung, gesmbh, ggmbh
ug = ug, unternehmergesellschaft
haftungsbeschrankt = haftungsbeschrankt
kg = kg, kommanditgesellschaft
kgaa = kgaa, kommanditgesellschaft auf aktien
ohg = ohg, offene handelsgesellschaft
gbr = gbr
ek = ek
ev = ev, eingetragener verein
eg = eg, eingetragene genossenschaft
se = se, societas europaea
sa = sa, societe anonyme, sociedad anonima, sociedade anonima
sas = sas, sasu, societe par actions simplifiee
sarl = sarl, societe a responsabilite limitee
eurl = eurl
snc = snc
sca = sca, societe en commandite par actions
scs = scs
scop = scop
sprl = sprl
bvba = bvba
srl = srl, societa a responsabilita limitata, sociedad de responsabilidad limitada
spa = spa, societa per azioni
sapa = sapa
scarl = scarl, scrl
sl = sl, sociedad limitada
slu = slu, slne
sau = sau
sab = sab
cv = cv
rl = rl
sapi = sapi
eireli = eireli
nv = nv, naamloze vennootschap
bv = bv, besloten vennootschap
vof = vof
vzw = vzw
asbl = asbl
ab = ab, aktiebolag, aktiebolaget
publ = publ
oy = oy, osakeyhtio
oyj = oyj, julkinen osakeyhtio, abp, publikt aktiebolag
as = as, aksjeselskap, aktieselskab, aktieselskabet, anonim sirketi, akciova spolecnost, akciju sabiedriba
asa = asa, allmennaksjeselskap, almennaksjeselskap
aps = aps, anpartsselskab
ivs = ivs
amba = amba
hf = hf
ehf = ehf
ou = ou, osauhing
uab = uab
sia = sia
spzoo = sp z oo, spolka z ograniczona odpowiedzialnoscia, sp zoo
spolka = sp k, sp j, spolka akcyjna
sro = sro, spol sro
doo = doo
dd = dd, dionicko drustvo, delniska druzba
kft = kft, korlatolt felelossegu tarsasag
zrt = zrt, zartkoruen mukodo reszvenytarsasag
nyrt = nyrt, nyilvanosan mukodo reszvenytarsasag
ad = ad
eood = eood, ood
ead = ead
sti = sti, sirketi, limited sirketi
tic = ve tic, ve ticaret
ooo = ooo, ооо
tov = tov, тов
jsc = jsc, joint stock company, joint stock co, ao, ао
pjsc = pjsc, public joint stock company, pao, пао
ojsc = ojsc, open joint stock company, oao, оао
cjsc = cjsc, closed joint stock company, zao, зао
qsc = qsc, qpsc
saog = saog
saoc = saoc
saa = saa
sac = sac
wll = wll
fze = fze, fz
bsc = bsc
kscp = kscp, kpsc
"""

LEADING: Final = frozenset(
    {"pt", "uab", "sia", "ooo", "ооо", "zao", "зао", "oao", "оао", "pao", "пао", "tov", "тов", "ao", "ао"}
    | {"kk", "株式会社", "株", "有限会社", "주식회사"}
    | {"jsc", "pjsc", "ojsc", "cjsc", "aktiebolag", "aktiebolaget", "aktieselskabet", "osakeyhtio"}
)
"""Forms that also stand first ("PT Pakuwon Jati Tbk")."""

_LEADING_PHRASES: Final = (
    ("kabushiki", "kaisha"),
    ("public", "joint", "stock", "company"),
    ("open", "joint", "stock", "company"),
    ("joint", "stock", "company"),
)
_LEADING_STARTS: Final = frozenset(phrase[0] for phrase in _LEADING_PHRASES)

_FILLERS: Final = frozenset({"and", "de", "und", "et", "og", "och"})
"""Words that only tie a form to what stands before it ("& Co", "S.A. de C.V.")."""


class Stripped(NamedTuple):
    """A name's words without its legal forms, and the forms that were found, by their short names."""

    words: tuple[str, ...]
    forms: frozenset[str]


def _parse(table: str) -> dict[tuple[str, ...], str]:
    parsed: dict[tuple[str, ...], str] = {}
    for line in table.strip().splitlines():
        form, spellings = line.split(" = ")
        parsed.update((tuple(spelling.split()), form) for spelling in spellings.split(", "))
    return parsed


_FORMS: Final = _parse(_TABLE)
_SINGLE: Final = {words[0]: form for words, form in _FORMS.items() if len(words) == 1}
_PHRASES: Final = {
    ending: sorted((words for words in _FORMS if words[-2:] == ending), key=len, reverse=True)
    for ending in {words[-2:] for words in _FORMS if len(words) > 1}
}
"""The forms of several words by their last two, the longest first."""

_LAST_WORDS: Final = frozenset(ending[1] for ending in _PHRASES)
FORM_WORDS: Final = frozenset(word for words in _FORMS for word in words) | _FILLERS
"""Every word that occurs in a legal form."""

_NO_FORMS: Final[frozenset[str]] = frozenset()


def strip_forms(words: Sequence[str]) -> Stripped:
    """Take legal forms off the end, and the few that stand first off the front, never down to nothing."""
    end = len(words)
    found: list[str] = []
    while end > 1:
        last = words[end - 1]
        phrase = _phrase_at_end(words, end) if last in _LAST_WORDS else None
        if phrase is not None and len(phrase) < end:
            found.append(_FORMS[phrase])
            end -= len(phrase)
        elif (form := _SINGLE.get(last)) is not None:
            found.append(form)
            end -= 1
        else:
            break
        while end > 1 and words[end - 1] in _FILLERS:
            end -= 1
    start = 0
    if end > 1 and words[0] in LEADING:
        found.append(_SINGLE[words[0]])
        start = 1
    elif end > 1 and words[0] in _LEADING_STARTS:
        for phrase in _LEADING_PHRASES:
            if end > len(phrase) and tuple(words[: len(phrase)]) == phrase:
                found.append(_FORMS[phrase])
                start = len(phrase)
                break
    if not found:
        return Stripped(tuple(words), _NO_FORMS)
    return Stripped(tuple(words[start:end]), frozenset(found))


def _phrase_at_end(words: Sequence[str], end: int) -> tuple[str, ...] | None:
    for phrase in _PHRASES.get((words[end - 2], words[end - 1]), ()):
        if end >= len(phrase) and tuple(words[end - len(phrase) : end]) == phrase:
            return phrase
    return None
