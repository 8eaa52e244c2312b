"""What a model tells of its training, in memory and in its file."""

from dataclasses import MISSING, asdict, dataclass, fields


@dataclass(frozen=True, kw_only=True)
class TrainingFacts:
    """What a model tells of its training; in a model file it is the dict `MapModel.facts`.

    Parameters
    ----------
    model : str
        Class of the model.
    random_state : int or None
        Seed.
    rows, landslides : int
        Places in the training table, and how many of them are landslides.
    factors, categorical : list of str
        Factors, and those of them that hold class codes.
    probabilities_of : dict of str to float
        Share of each class to which the probabilities refer.
    prevalence : float or None
        Share of landslides in the study area, as it was stated.
    auc_random, auc_blocks : list of float
        ROC-AUC of each random fold and of each spatial block; empty if there are no blocks.
    why_no_blocks : str or None
        Why there are none.
    uncertainty : {"refits", "members"}
        Whose spread is the uncertainty.
    absences, absence_buffer : float or None
        How absences were drawn, if they were.
    inventory_sha256 : str or None
        Fingerprint of the inventory's file.
    """

    model: str
    random_state: int | None
    rows: int
    landslides: int
    factors: list
    categorical: list
    probabilities_of: dict
    prevalence: float | None
    auc_random: list
    auc_blocks: list
    why_no_blocks: str | None
    uncertainty: str
    absences: float | None = None
    absence_buffer: float | None = None
    inventory_sha256: str | None = None

    def to_dict(self):
        """Return the dict that is kept with the model."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts):
        """Read the dict that is kept with a model; None if it does not tell of the training."""
        if any(field.default is MISSING and field.name not in facts for field in fields(cls)):
            return None
        return cls(
            **{field.name: facts[field.name] for field in fields(cls) if field.name in facts}
        )
