"""What ranges of variograms are, and the side of blocks that they propose."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_landslide._escaping import escaped, without_formulas
from sklearn_landslide._hints import hinting
from sklearn_landslide._shown import listed_html, listed_text, plain_rows
from sklearn_landslide._whole_file import whole_file
from sklearn_landslide._words import join_names


@dataclass(frozen=True, eq=False, repr=False)
class AutocorrelationRange:
    """Distance up to which factors are similar.

    Returned by :func:`autocorrelation_range`. Print it for a description in words.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per factor: ``range`` (practical range in meters, missing where near places are not
        alike), ``reaches_sill`` (whether the range is within the distances that were looked at;
        otherwise it is extrapolated), ``nugget_share`` (share of the sill that two places next
        to each other already differ by), ``sill``, ``model``, ``autocorrelated``, ``trend`` (share
        of the variance of the plane that was taken off) and ``n_samples``.
    variograms : pandas.DataFrame
        One row per factor and band: ``factor``, ``distance`` in meters, ``semivariance``,
        ``n_pairs`` and ``fitted``.
    max_distance : float
        Largest distance that was considered, in meters.
    diagonal : float
        Diagonal of the region, in meters.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_landslide.model_selection import autocorrelation_range
    >>> rng = np.random.default_rng(0)
    >>> noise, places = rng.normal(size=200), rng.uniform(0, 1000, (200, 2))
    >>> autocorrelation_range(noise, places, random_state=0).table["autocorrelated"].tolist()
    [False]
    """

    table: pd.DataFrame
    variograms: pd.DataFrame
    max_distance: float
    diagonal: float

    @property
    def median_range(self):
        """Median of the ranges of the factors that are similar at near places, in meters.

        It is infinite if it is beyond the distances that were looked at, and NaN if no factor has
        a range.
        """
        found = self.table.loc[self.table["autocorrelated"], "range"]
        median = float(found.median()) if found.size else float("nan")
        return float("inf") if median > self.max_distance else median

    @property
    def block_size(self):
        """Proposed side of blocks in meters: the median range. NaN if there is none.

        A buffer of the same width keeps what is trained on out of the range of what is tested
        at the borders of blocks, too.
        """
        size = self.median_range
        return size if np.isfinite(size) else float("nan")

    def check(self, what):
        """Return the median range, or raise an error that says why there is none.

        Parameters
        ----------
        what : str
            The parameter that asks for it, such as ``block_size='range'``.

        Returns
        -------
        meters : float

        Raises
        ------
        ValueError
            If no factor has a range, or most have one that is too long for the region.
        """
        size = self.median_range
        if np.isfinite(size):
            return size
        name = what.partition("=")[0]
        if np.isnan(size):
            why = (
                f"none of the {len(self.table)} factors is similar at nearby places, so there is "
                f"no range"
            )
        else:
            long = self.table["autocorrelated"] & ~self.table["reaches_sill"]
            why = (
                f"{long.sum()} of {self.table['autocorrelated'].sum()} factors are similar beyond "
                f"{self.max_distance:.0f} m, a large part of the region's diagonal of "
                f"{self.diagonal:.0f} m"
            )
        raise hinting(ValueError(f"{what}: {why}. Give {name} in meters."), what, name)

    def in_words(self):
        """Say what was found in plain sentences, and what to do.

        Returns
        -------
        sentences : list of str
            For a reader who is not a statistician.
        """
        table = self.table
        found = table[table["autocorrelated"]]
        said = []
        if (inside := found[found["reaches_sill"]]["range"].sort_values()).size:
            ranges = [f"{name} {meters:.0f} m" for name, meters in inside.items()]
            said.append(f"Places are similar up to these distances: {join_names(ranges, 12)}.")
        if (long := found.index[~found["reaches_sill"]]).size:
            said.append(
                f"Alike beyond the {self.max_distance:.0f} m that were looked at: "
                f"{join_names(long, 12)}."
            )
        if (none := table.index[~table["autocorrelated"]]).size:
            said.append(f"No more similar at nearby places than by chance: {join_names(none, 12)}.")
        return [*said, self._proposal()]

    def _proposal(self):
        """Say how wide blocks should be."""
        if np.isnan(self.median_range):
            return "No factor has a range: there is no distance that blocks would need."
        if np.isinf(self.median_range):
            return (
                "Most factors are similar over a large part of the region: no blocks within it "
                "are independent of each other. Test in another region, or leave out valleys or "
                "units "
                "of rock (LeaveOneStratumOut)."
            )
        size = self.block_size
        text = (
            f"The median range is {size:.0f} m: take blocks at least that wide "
            f'(SpatialBlockKFold(method="grid", block_size={size:.0f})), and a buffer of the same '
            "width if places along the borders of blocks shall be apart, too."
        )
        if size > self.diagonal / 5:
            text += (
                f" The region's diagonal is {self.diagonal:.0f} m: few blocks of that size fit "
                "into it, so take few folds."
            )
        return text

    def to_dict(self):
        """Return all results as plain numbers, strings, lists and dicts.

        Returns
        -------
        facts : dict
            Ready for JSON; missing values are None.
        """
        size = self.block_size
        return {
            "block_size": None if np.isnan(size) else size,
            "max_distance": self.max_distance,
            "diagonal": self.diagonal,
            "in_words": self.in_words(),
            "table": plain_rows(self.table.reset_index()),
            "variograms": plain_rows(self.variograms),
        }

    def to_csv(self, path):
        """Write the table of factors to a CSV file.

        Parameters
        ----------
        path : str or path-like
            The file. An existing file is replaced once the new one is complete.
        """
        with whole_file(path) as hidden:
            without_formulas(self.table.reset_index()).to_csv(hidden, index=False)

    def to_text(self, width=100):
        """Return what was found as text: sentences, and the table of factors.

        Parameters
        ----------
        width : int, default=100
            Longest line of a sentence, in characters.

        Returns
        -------
        text : str
            The text, without a newline at the end.
        """
        table = self._shown().rename(index=escaped).rename_axis(None)
        words = listed_text("AutocorrelationRange", self.in_words(), width)
        return f"{words}\n\n{table.to_string(na_rep='')}"

    def _shown(self):
        """Round the table for reading."""
        return self.table.assign(range=self.table["range"].round()).round(3)

    def __repr__(self):
        return self.to_text()

    def _repr_html_(self):
        table = self._shown().rename(index=escaped).to_html(na_rep="")
        return f"{listed_html('AutocorrelationRange', self.in_words())}\n{table}"
