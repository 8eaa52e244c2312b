"""What tables call a landslide, and a place without one, in the languages that we could check."""

import re

# English, German, French, Italian, Spanish, Portuguese, Dutch and Scandinavian, Polish and
# Russian, Turkish, Indonesian, Chinese, Japanese, Korean.
_LANDSLIDE = """
landslide, landslides, landslip, landslips, slide, slides, slope failure, failure, failed, unstable
yes, y, true, positive, presence, present
rutschung, rutschungen, hangrutschung, erdrutsch, instabil, ja
glissement, glissements, glissement de terrain, instable, oui, présence
frana, frane, instabile, sì
deslizamiento, deslizamientos, derrumbe, inestable, sí, si, presencia
deslizamento, deslizamentos, escorregamento, instável, sim, presença
aardverschuiving, instabiel, skred, jordskred
osuwisko, tak, оползень, да
heyelan, evet, longsor, ya
滑坡, 山体滑坡, 山崩, 不稳定, 不穩定, 是, 有
地すべり, 地滑り, 土砂崩れ, 崩壊, 不安定, はい, あり, 有り
산사태, 불안정, 예, 있음
"""
_NONE = """
none, no, n, false, negative, absence, absent, stable, background
kein, keine, nein, stabil
aucun, aucune, non
nessuna, nessuno, stabile, assenza
ninguno, ninguna, estable, ausencia
nenhum, nenhuma, não, estável, ausência
geen, nee, stabiel, nei, nej, ingen
brak, nie, нет
yok, hayır, tidak
稳定, 穩定, 否, 无, 無, 没有, 沒有
安定, なし, 無し, いいえ
안정, 아니오, 없음
"""
# With one of these before or behind it, the name of a landslide is that of a place without.
_BEFORE = """
no, non, not, without, kein, keine, nicht, ohne, pas de, sans, absence de, senza, nessuna, sin, sem
não, geen, ingen, ikke, bez, brak, не, нет, tidak, bukan, 非, 无, 無, 没有, 不是, 비
"""
_BEHIND = "free, absent, yok, なし, 無し, 없음"


def _split(table):
    return {word for line in table.strip().splitlines() for word in line.split(", ")}


_LANDSLIDE_WORDS, _NONE_WORDS = _split(_LANDSLIDE), _split(_NONE)
_NEGATED = re.compile(
    rf"(?:(?:{'|'.join(sorted(_split(_BEFORE), key=len, reverse=True))}) ?(?P<one>.+)"
    rf"|(?P<other>.+?) ?(?:{'|'.join(_split(_BEHIND))}))"
)


def meaning(text):
    """Say whether a word is a landslide's label, or that of a place without.

    Parameters
    ----------
    text : str
        The label. Case, hyphens and underscores do not matter.

    Returns
    -------
    is_landslide : bool or None
        None for a word that is not known.

    Examples
    --------
    >>> from sklearn_landslide._label_words import meaning
    >>> [meaning(word) for word in ("Landslide", "non-landslide", "滑坡", "非滑坡", "rock")]
    [True, False, True, False, None]
    """
    word = " ".join(re.split(r"[\s_\-]+", text.strip().lower())).strip()
    if word in _LANDSLIDE_WORDS:
        return True
    if word in _NONE_WORDS:
        return False
    negated = _NEGATED.fullmatch(word)
    return False if negated and (negated["one"] or negated["other"]) in _LANDSLIDE_WORDS else None
