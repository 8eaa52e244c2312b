"""What is left over: Moran's I of residuals by distance, their ranges, and words."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_landslide._escaping import without_formulas
from sklearn_landslide._shown import html_of, plain_rows, text_of
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide._words import join_names

# Adjusted p-values up to this are clear.
LEVEL = 0.05


@dataclass(frozen=True, eq=False, repr=False)
class ResidualAutocorrelation:
    """Whether what models miss is clustered in space.

    Returned by :func:`residual_autocorrelation`. Print it for a description in words.

    Parameters
    ----------
    correlogram : pandas.DataFrame
        One row per model and band of distance: ``model``, ``from`` and ``to`` in meters,
        ``distance`` (mean of the pairs), ``n_pairs``, ``moran_i``, ``expected``, ``low`` and
        ``high`` (95 % of the shuffled residuals are between them), ``zscore``, ``pvalue`` and
        ``pvalue_holm``, adjusted for the number of bands.
    ranges : pandas.DataFrame
        One row per model: ``range`` of the variogram of its residuals in meters, missing without
        any; ``reaches_sill`` and ``nugget_share``, as of
        :func:`~sklearn_landslide.model_selection.autocorrelation_range`.
    residuals : pandas.DataFrame
        One row per place: ``x``, ``y``, ``landslide``, ``n_rows`` and for each model the residual.
    n_rows, n_used : int
        Rows of the table that were tested, and places of which Moran's I was computed.
    share : float
        Share of landslides among the rows.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per model: the main results.

    See Also
    --------
    residual_autocorrelation : Makes it.
    sklearn_landslide.plotting.ResidualDisplay : Draws it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.inspection import residual_autocorrelation
    >>> rng = np.random.default_rng(0)
    >>> places, y = rng.uniform(0, 1000, (100, 2)), rng.integers(0, 2, 100)
    >>> result = residual_autocorrelation(np.full(100, 0.5), y, places, random_state=0)
    >>> result.table["clustered_up_to"].tolist()
    [0.0]
    """

    correlogram: pd.DataFrame
    ranges: pd.DataFrame
    residuals: pd.DataFrame
    n_rows: int
    n_used: int
    share: float

    @property
    def models(self):
        """Names of the models."""
        return list(self.ranges.index)

    @property
    def table(self):
        """The main results, one row per model.

        ``moran_i``, ``high`` and ``pvalue_holm`` are those of the nearest band, ``distance`` the
        mean distance of its pairs; ``clustered_up_to`` is the upper edge of the first bands in a
        row whose adjusted p-value is at most 0.05, 0 if there is none; then the columns of
        `ranges`.
        """
        nearest = self.correlogram.dropna(subset="moran_i").groupby("model", sort=False).first()
        table = nearest[["distance", "moran_i", "high", "pvalue_holm"]].copy()
        table["clustered_up_to"] = [self._clustered_up_to(name) for name in table.index]
        return table.join(self.ranges).loc[self.models]

    def _clustered_up_to(self, name):
        """Return the upper edge of the first bands that are clear, one after the other."""
        bands = self.correlogram[self.correlogram["model"] == name]
        clear = (bands["pvalue_holm"] <= LEVEL).to_numpy()
        if not clear.any():
            return 0.0
        start = clear.argmax()
        after = np.flatnonzero(~clear[start:])
        last = start + (after[0] if len(after) else len(clear) - start) - 1
        return float(bands["to"].iloc[last])

    def in_words(self):
        """Say what was found in plain sentences, and what to do.

        Returns
        -------
        sentences : list of str
            For a reader who is not a statistician.
        """
        table = self.table
        return [
            self._sizes(),
            *(self._of_model(*item) for item in table.iterrows()),
            *self._advice(),
        ]

    def _sizes(self):
        n_places = len(self.residuals)
        text = (
            f"{n_places:,} places were tested by models that had not seen them; a landslide is "
            "missed as far as its probability is below 1, another place is a false alarm as far "
            "as its probability is above 0."
        )
        if n_places < self.n_rows:
            text += f" They are {self.n_rows:,} rows: those of one landslide count once."
        if self.n_used < n_places:
            text += f" Moran's I is that of {self.n_used:,} of them, drawn at random."
        return text

    def _of_model(self, name, row):
        """Say whether one model's residuals are clustered."""
        pvalue = row["pvalue_holm"]
        numbers = (
            f"Moran's I {row['moran_i']:.2f} between places about {row['distance']:.0f} m apart; "
            f"by chance up to {row['high']:.2f}; p "
            + ("< 0.001" if pvalue < 0.001 else f"= {pvalue:.3f}")
        )
        if row["clustered_up_to"] == 0:
            return (
                f"{name}: its errors are not clustered ({numbers}): there is no sign that "
                "anything spatial is missing."
            )
        text = (
            f"{name}: its errors are clustered up to {row['clustered_up_to']:.0f} m "
            f"({numbers}): neighbors are wrong in the same direction."
        )
        if row["reaches_sill"]:
            text += f" The range of its residuals is {row['range']:.0f} m."
        return text

    def _advice(self):
        table = self.table
        found = table[table["clustered_up_to"] > 0]
        if found.empty:
            return
        size = found["clustered_up_to"].max()
        miss = "misses" if len(found) == 1 else "miss"
        yield (
            f"Where {join_names(found.index)} {miss}, look at the map for what these places share: "
            "a factor that is missing (a rock, a storm, a road), or a part where landslides were "
            "mapped better or worse than elsewhere. Neighbors are not independent tests: blocks of "
            f"a spatial cross-validation should be at least {size:.0f} m wide."
        )

    def to_dict(self):
        """Return all results as plain numbers, strings, lists and dicts.

        Returns
        -------
        facts : dict
            Ready for JSON; missing values are None.
        """
        return {
            "n_rows": self.n_rows,
            "n_places": len(self.residuals),
            "n_used": self.n_used,
            "share": self.share,
            "in_words": self.in_words(),
            "table": plain_rows(self.table.reset_index()),
            "correlogram": plain_rows(self.correlogram),
            "residuals": plain_rows(self.residuals),
        }

    def to_csv(self, path):
        """Write Moran's I by model and distance to a CSV file.

        Parameters
        ----------
        path : str or path-like
            The file. An existing file is replaced once the new one is complete.
        """
        with whole_file(path) as hidden:
            without_formulas(self.correlogram).to_csv(hidden, index=False)

    def to_text(self, width=100):
        """Return what was found as text: sentences, and the table of models.

        Parameters
        ----------
        width : int, default=100
            Longest line of a sentence, in characters.

        Returns
        -------
        text : str
            The text, without a newline at the end.
        """
        return text_of("ResidualAutocorrelation", self.in_words(), self._shown(), width)

    def _shown(self):
        """Round the table for reading."""
        table = self.table.reset_index()
        meters = ["distance", "clustered_up_to", "range"]
        return table.round({name: 0 for name in meters}).round(3)

    def __repr__(self):
        return self.to_text()

    def _repr_html_(self):
        return html_of("ResidualAutocorrelation", self.in_words(), self._shown())
