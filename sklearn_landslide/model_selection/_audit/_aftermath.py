"""Factors that a landslide has made: known only where one has been, and measured after it."""

import re
import unicodedata
from itertools import pairwise

from sklearn_landslide._words import join_names
from sklearn_landslide.model_selection._audit._result import OK, WARNING, Finding
from sklearn_landslide.model_selection._audit._table import auc_of_column

CHECK = "consequences among the factors"

# Words of names, singular or plural, for what moves, opens or lies there after a landslide.
_TRACES = """
deformation displacement subsidence insar dinsar psinsar sbas scar scarp headscarp mainscarp crack
fissure runout landslide slide slump rockfall mudslide velocity creep movement motion
deformacion desplazamiento deformazione spostamento verformung verschiebung erdrutsch frana frane
deslizamiento deslizamientos
"""
# Movements of other things, and scars, slides and cracks of other making.
_OF_OTHERS = """
wind flow stream river water wave shear seismic peak strong sound runoff air fire burn burned fault
desiccation glacier ice tectonic plate modulus
"""
_OF_LANDSLIDES, _OF_OTHERS = ({*words.split()} for words in (_TRACES, _OF_OTHERS))
# Whatever else stands in the name.
_IN_ANY_CASE = {"insar", "dinsar", "psinsar", "sbas", "landslide"}
_TRACE_TEXT = re.compile("形变|变形速率|位移|滑坡|裂缝")


def _words(name):
    """Split a name into words without accents: at signs, and where a capital follows."""
    plain = unicodedata.normalize("NFKD", str(name)).encode("ascii", "ignore").decode()
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", plain)
    return [word for word in re.split(r"[^a-z0-9]+", parted.lower()) if word]


def is_aftermath(name):
    """Say whether a name is that of something that a landslide leaves behind.

    Parameters
    ----------
    name : object
        Name of a column.

    Returns
    -------
    is_one : bool

    Examples
    --------
    >>> from sklearn_landslide.model_selection._audit._aftermath import is_aftermath
    >>> is_aftermath("InSAR_velocity"), is_aftermath("wind_velocity"), is_aftermath("slope")
    (True, False, False)
    """
    if _TRACE_TEXT.search(str(name)):
        return True
    parts = _words(name)
    # InSAR is one word with a capital in it.
    parts += ["".join(pair) for pair in pairwise(parts)]
    words = {form for word in parts for form in (word, word.removesuffix("s"))}
    return bool(words & (_IN_ANY_CASE if words & _OF_OTHERS else _OF_LANDSLIDES))


def check_aftermath(frame, y, random_state):
    """Return the finding about factors that come of landslides, by their names."""
    found = [name for name in frame.columns if is_aftermath(name)]
    if not found:
        said = "No factor has the name of something that a landslide leaves behind."
        return Finding(CHECK, OK, said, "", {"columns": [], "roc_auc": {}})
    scores = {name: auc_of_column(frame[name], y, random_state) for name in found}
    known = {name: score for name, score in scores.items() if score is not None}
    shown = join_names(
        [f"{name} (ROC-AUC {known[name]:.2f} alone)" if name in known else name for name in found]
    )
    advice = (
        "Ask when and why it was measured. A slope that moves, cracks or has a scar has failed "
        "already, and landslides are often mapped by just that: the model repeats the inventory, "
        "and calls slopes safe that have not moved yet. Drop it, or use values from before the "
        "landslides, measured everywhere."
    )
    said = f"The factors hold what a landslide leaves behind, by their names: {shown}."
    return Finding(CHECK, WARNING, said, advice, {"columns": found, "roc_auc": known})
