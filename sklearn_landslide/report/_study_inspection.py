"""The parts of a study's page on what the model has learned, and on what it misses."""

from sklearn_landslide.inspection import FactorEffects, FactorImportance, ResidualAutocorrelation
from sklearn_landslide.plotting import (
    ResidualDisplay,
    as_data_uri,
    figure_class,
    save_factor_effects,
)
from sklearn_landslide.report._page_parts import Bullets, Picture, Pictures, Section, Table
from sklearn_landslide.report._study_parts import drawn

_DPI = 110


def _words(result):
    return Bullets("", [str(one) for one in result.in_words()])


def effects_section(result):
    """Lay out effects of factors: words, and curves over the frequency ratio."""
    blocks = [_words(result)]
    if isinstance(result, FactorEffects):
        names = ", ".join(str(name) for name in result.factors.index)
        caption = "How the prediction changes with each factor, on places that were not seen."
        blocks.append(drawn(save_factor_effects, result, f"Effects of {names}", caption))
    return Section("effects", "Effects of the factors", blocks)


def importance_section(result):
    """Lay out what each factor is worth on places that were not seen."""
    blocks = [_words(result)]
    if isinstance(result, FactorImportance):
        rows = [
            [
                str(row.factor),
                "within strata of the others" if row.conditional else "over all places",
                f"{row.mean:+.4f}",
                f"{row.low:+.4f} to {row.high:+.4f}",
            ]
            for row in result.table.itertuples()
        ]
        headings = ["Factor", "Shuffled", f"Loss of {result.scoring}", "95% interval"]
        blocks.append(Table("Loss when the factor is shuffled", headings, rows, n_text=2))
    return Section("importance", "Importance of the factors", blocks)


def residuals_section(result):
    """Lay out whether what the models miss is clustered in space."""
    blocks = [_words(result)]
    if isinstance(result, ResidualAutocorrelation):
        axes = figure_class()(figsize=(11.5, 5.6), layout="constrained").subplots(1, 2)
        figure = ResidualDisplay.from_result(result, axes=axes).figure_
        caption = (
            "Left: how alike two places are in what is missed, by their distance. Right: where."
        )
        src = as_data_uri(figure, "png", dpi=_DPI)
        blocks.append(Pictures([Picture(src, f"Residuals. {caption}", caption)], wide=True))
    return Section("residuals", "What the models miss", blocks)
