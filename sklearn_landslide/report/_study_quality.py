"""The quality of a map by the tests that were made of it, after Guzzetti and others (2006)."""

from dataclasses import dataclass

from sklearn_landslide.report._page_parts import Paragraph, Section, Table


@dataclass(frozen=True)
class QualityTest:
    """A test that adds to the quality of a map.

    Parameters
    ----------
    points : int
        What it adds: 1, 2 or 4, so that each sum tells which tests were made.
    title, how : str
        What it tells, and how it is made.
    made : bool
        Whether it was.
    found : str
        What it found, or why it does not count.
    """

    points: int
    title: str
    how: str
    made: bool
    found: str


def quality_tests(folder, later):
    """Find out which tests of a map were made.

    Parameters
    ----------
    folder : MapFolder or None
        The map.
    later : MapScore or None
        What later landslides say of it.

    Returns
    -------
    tests : list of QualityTest
        Of the fit, of the error of each estimate, and of the prediction.
    """
    about = {} if folder is None else folder.map
    capture = about.get("capture")
    own = bool(about.get("inventory")) and not about["inventory"].get("is_new")
    fits = bool(capture) and own
    spread = bool(about.get("has_spread"))
    return [
        QualityTest(
            1,
            "Fit: does the map agree with the landslides that it was made of?",
            "success rate of the training landslides, written by the command map",
            fits,
            f"{100 * capture[2]:.0f} % of them lie in the most susceptible 20 % of the ground"
            if fits
            else "not made",
        ),
        QualityTest(
            2,
            "Error: how sure is the estimate in each cell or unit?",
            "spread over models of other data, uncertainty.tif of the command map",
            spread,
            "mapped in uncertainty.tif" if spread else "not made",
        ),
        QualityTest(
            4,
            "Prediction: does the map foresee landslides that it could not know?",
            "landslides of a later event, the command score",
            later is not None,
            "not made"
            if later is None
            else f"ROC-AUC {later.scores.loc['roc_auc', 'value']:.3f} against all mapped cells",
        ),
    ]


def quality_section(folder, later):
    """Say which level of quality a study has earned, and what the next one needs.

    Parameters
    ----------
    folder : MapFolder or None
        The map.
    later : MapScore or None
        What later landslides say of it.

    Returns
    -------
    section : Section
    """
    tests = quality_tests(folder, later)
    level = sum(one.points for one in tests if one.made)
    rows = [
        [one.title, str(one.points), "yes" if one.made else "no", one.found, one.how]
        for one in tests
    ]
    missing = [one for one in tests if not one.made]
    text = (
        f"Level {level} of 7. Each test that was made adds its points: 1 for the fit, 2 for the "
        "error of each estimate, 4 for the prediction of landslides that were not used. The level "
        "says which tests were made, not that the map passed them: read what each has found."
    )
    blocks = [Paragraph(text)]
    headings = ["Test", "Points", "Made", "Found", "How it is made"]
    blocks.append(Table("Tests of the map", headings, rows, n_text=5))
    if missing:
        first = missing[0]
        blocks.append(Paragraph(f"The next level, {level + first.points}, needs: {first.how}."))
    if later is None:
        blocks.append(
            Paragraph(
                "Folds test models like this one at landslides that these had not seen. They do "
                "not test this map, nor landslides of another time: they give no points here."
            )
        )
    blocks.append(
        Paragraph(
            "After F. Guzzetti, P. Reichenbach, F. Ardizzone, M. Cardinali and M. Galli, "
            "Estimating the quality of landslide susceptibility models, Geomorphology 81, "
            "166-184, 2006."
        )
    )
    return Section("quality", "Quality of the map", blocks)
