"""What the effects of factors mean, in sentences."""

import numpy as np

from sklearn_landslide._words import join_names, plural

# Factors whose course is told, of those that are clear.
_TOLD = 5
# Correlation with the frequency ratio from which the model is taken to say the opposite.
_OPPOSITE = -0.5
# Where more of the log-odds are bounded, the curves are flatter than the model.
_MUCH_CLIPPED = 0.05
_NOTHING = 1e-9
# What the field expects to make landslides likelier, and why it may not; said of a factor that has
# at least this part of the strength of the strongest.
_RISING = {
    "slope": "bare rock on the steepest ground, or an inventory that leaves it out",
    "rain": "means over years stand for elevation or climate rather than for storms",
}
_WEAK = 0.25


def _number(value):
    return f"{value:.4g}"


def _change(effects, strongest):
    """Say how far apart two effects are, as a reader may picture it."""
    if effects.response == "probability":
        return f"{strongest:.2f} in probability"
    return f"{strongest:.1f} in log-odds, {np.exp(strongest):.3g} times the odds"


def sentences(effects):
    """Say what was found in plain sentences.

    Parameters
    ----------
    effects : FactorEffects
        What was found.

    Returns
    -------
    sentences : list of str
    """
    clear = effects.factors[effects.factors["shape"] != "no clear effect"]
    said = [_opening(effects)]
    said += [_course(effects, name, row) for name, row in clear[:_TOLD].iterrows()]
    if len(clear) > _TOLD:
        said.append(f"Weaker, and still clear: {join_names(clear.index[_TOLD:], 8)}.")
    said += _expectations(clear)
    said += _opposites(effects, clear)
    said += _unclear(effects)
    said += _pairs(effects)
    said += _notes(effects)
    return said


def _opening(effects):
    scale = "the probability"
    if effects.response == "log_odds":
        scale = "the log-odds (+0.7 doubles the odds, +2.3 makes them ten times as high)"
    return (
        f"How the model's answer changes with each of {plural(len(effects.factors), 'factor')}: on "
        f"{scale} of a landslide, from {effects.n_rows:,} held-out rows in "
        f"{plural(effects.n_folds, 'fold')}."
    )


def _course(effects, name, row):
    """Say how the effect of a factor goes."""
    curve = effects.effects[effects.effects["factor"] == name]
    if row["kind"] == "quantity" and len(curve) > 4:
        # The least and the greatest value may be those of two odd places.
        curve = curve.iloc[1:-1]
    high, low = (curve.loc[end] for end in (curve["effect"].idxmax(), curve["effect"].idxmin()))
    apart = _change(effects, row["highest"] - row["lowest"])
    if row["kind"] == "classes":
        return f"{name}: highest in class {high['class']}, lowest in class {low['class']}: {apart}."
    turn = "" if np.isnan(row["turn"]) else f" (at {_number(row['turn'])})"
    return (
        f"{name}: the effect {row['shape']}{turn}; it is highest at {_number(high['value'])} and "
        f"lowest at {_number(low['value'])}: {apart}."
    )


def _expectations(clear):
    """Name turns of factors that the field expects to rise throughout."""
    for name, row in clear.iterrows():
        word = next((word for word in _RISING if str(name).lower().startswith(word)), None)
        is_weak = row["strength"] < _WEAK * clear["strength"].iloc[0]
        if word is None or is_weak or row["shape"] in ("rises", "differs by class"):
            continue
        yield (
            f"Of {word} one expects that landslides become likelier all the way, and the effect "
            f"of {name} {row['shape']}: look for a reason ({_RISING[word]}) before the map is used."
        )


def _opposites(effects, clear):
    """Name factors whose effect goes against the frequency of landslides."""
    for name in clear.index[clear["agreement"] <= _OPPOSITE]:
        if clear.loc[name, "kind"] == "classes":
            found = f"classes of {name} with many landslides get less from the model than others"
        else:
            table = effects.frequency_ratios
            table = table[(table["factor"] == name) & (table["n_rows"] > 0)]
            order = np.arange(len(table))
            falls = np.corrcoef(order, table["frequency_ratio"])[0, 1] < 0
            words = ("rarer", "rises") if falls else ("more frequent", "falls")
            found = (
                f"landslides become {words[0]} as {name} rises, and the model's effect of it "
                f"{words[1]}"
            )
        yield (
            f"Counted alone, {found}: in the model other factors that go with {name} account "
            "for the landslides there. Do not read its frequency ratio as its effect."
        )


def _unclear(effects):
    factors = effects.factors
    used = factors["strength"] > _NOTHING
    unclear = factors.index[used & (factors["shape"] == "no clear effect")]
    if effects.n_folds < 2:
        yield "One fold has no scatter: no effect can be called clear."
    elif len(unclear):
        yield f"No effect beyond its scatter over the folds: {join_names(unclear, 8)}."
    if not used.all():
        yield f"The model does not use {join_names(factors.index[~used], 8)}."


def _pairs(effects):
    pairs = effects.interactions
    if not len(pairs):
        return
    if pairs["strength"].iloc[0] <= _NOTHING:
        yield "On this scale no two factors act together: each has its effect whatever the others."
        return
    strongest = pairs.iloc[0]
    alone = effects.factors["strength"].iloc[0]
    both = f"{strongest['first']} and {strongest['second']} act together"
    if len(pairs) > 1:
        both = f"Of {len(pairs)} pairs {both} most"
    text = (
        f"{both}, beyond what each does alone: {strongest['strength']:.2g}, where the "
        f"strongest factor alone has {alone:.2g} (standard deviations over the rows), and "
        f"{strongest['h_squared']:.0%} of all that these two do (Friedman's H squared)"
    )
    if strongest["strength"] > 2 * strongest["standard_error"]:
        yield f"{text}."
    else:
        yield f"{text}; over the folds that scatters as much, so that it may be chance."


def _notes(effects):
    if effects.response == "log_odds" and effects.clipped >= _MUCH_CLIPPED:
        yield (
            f"For {effects.clipped:.0%} of the rows the model's odds are over a thousand times "
            "those of the mean, or under a thousandth: the curves bound them, and "
            "response='probability' does not need to."
        )
    for name, why in effects.skipped.items():
        yield f"Left out: {name}, as {why}."
