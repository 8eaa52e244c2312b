"""Rows that are put together from two tables, column by column."""

import numpy as np
import pandas as pd


def of_one_type(places, background):
    """Give the columns of two tables the same types, so that they can be exchanged.

    Parameters
    ----------
    places, background : pandas.DataFrame
        Tables with the same columns. A column of categories knows those of both afterwards.

    Returns
    -------
    places, background : pandas.DataFrame

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_landslide.inspection._mixed_rows import of_one_type
    >>> tables = (pd.DataFrame({"soil": pd.Categorical([code])}) for code in ("clay", "sand"))
    >>> [table["soil"].cat.categories.tolist() for table in of_one_type(*tables)]
    [['clay', 'sand'], ['clay', 'sand']]
    """
    joined = [_joined(places.iloc[:, j], background.iloc[:, j]) for j in range(places.shape[1])]
    parts = []
    for table, rows in ((places, slice(len(places))), (background, slice(len(places), None))):
        part = pd.DataFrame({number: column[rows] for number, column in enumerate(joined)})
        parts.append(part.set_axis(table.columns, axis=1).set_axis(table.index, axis=0))
    return tuple(parts)


def _joined(first, second):
    """One array of both columns, with one type."""
    if first.dtype == second.dtype:
        return pd.concat([first, second], ignore_index=True).array
    if not (_is_categorical(first) or _is_categorical(second)):
        return pd.concat([first, second], ignore_index=True).infer_objects().array
    classes = first.astype("category").cat.categories
    further = second.astype("category").cat.categories
    classes = classes.append(further[~further.isin(classes)])
    values = [*first.astype(object), *second.astype(object)]
    return pd.Categorical(values, categories=classes)


def _is_categorical(column):
    return isinstance(column.dtype, pd.CategoricalDtype)


class MixedRows:
    """Rows of which some columns come from a place and the others from a background row.

    Columns keep their types, categories and missing values.

    Parameters
    ----------
    places, background : pandas.DataFrame
        Tables with columns of the same types, as :func:`of_one_type` makes them.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sklearn_landslide.inspection._mixed_rows import MixedRows, of_one_type
    >>> place = pd.DataFrame({"slope": [30.0], "soil": pd.Categorical(["clay"])})
    >>> others = pd.DataFrame({"slope": [5.0, 9.0], "soil": pd.Categorical(["sand", "clay"])})
    >>> rows = MixedRows(*of_one_type(place, others))
    >>> mixed = rows.mix(np.array([[False, True]]), np.array([0]))
    >>> mixed.to_numpy().tolist()
    [[5.0, 'clay'], [9.0, 'clay']]
    """

    def __init__(self, places, background):
        self.n_places, self.n_background = len(places), len(background)
        self.names = places.columns
        both = pd.concat([places, background], ignore_index=True)
        self.columns = [both.iloc[:, j].array for j in range(both.shape[1])]

    def mix(self, masks, places):
        """Put places together with each background row, place by place.

        Parameters
        ----------
        masks : ndarray of bool, shape (n_pairs, n_columns)
            Which columns are taken from the place.
        places : ndarray of int, shape (n_pairs,)
            Positions of the places.

        Returns
        -------
        frame : pandas.DataFrame of shape (n_pairs * n_background, n_columns)
        """
        own = np.repeat(places, self.n_background)
        others = np.tile(np.arange(self.n_background), len(places))
        return self.put_together(np.repeat(masks, self.n_background, axis=0), own, others)

    def put_together(self, masks, places, others):
        """Put each of some places together with one background row.

        Parameters
        ----------
        masks : ndarray of bool, shape (n_rows, n_columns)
            Which columns are taken from the place.
        places, others : ndarray of int, shape (n_rows,)
            Positions of the places and of the background rows.

        Returns
        -------
        frame : pandas.DataFrame of shape (n_rows, n_columns)
        """
        others = self.n_places + others
        frame = pd.DataFrame(
            {
                number: column.take(np.where(masks[:, number], places, others))
                for number, column in enumerate(self.columns)
            }
        )
        frame.columns = self.names
        return frame
