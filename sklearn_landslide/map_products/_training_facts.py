"""What a model tells of its training, in memory and in its file."""

from dataclasses import MISSING, asdict, dataclass, fields
from numbers import Integral, Real


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
    uncertainty : {"members", "blocks", "folds", "refits"}
        Whose spread is the uncertainty: of members, of the models that were fitted without a
        spatial block or without a random fold, or, of earlier versions, of fits to bootstrap
        samples.
    absences, absence_buffer : float or None
        How absences were drawn, if they were.
    inventory_sha256 : str or None
        Fingerprint of the inventory's file.
    n_landslides : int or None
        Landslides of the inventory that the rows come from.
    polygons : {"cells", "one", "scarp"}, int or None
        What a polygon became; None for an inventory of points.
    min_slope : float or None
        Flatter ground was left out, in degrees.
    n_flat : int or None
        Rows on flatter ground, which were not scored.
    auc_with_flat : list of float or None
        ROC-AUC of each spatial block, had flat ground not been left out of the scoring.
    resample : {"smote", "under", "none"} or None
        What balanced the training rows, if it tells.
    ground : {"near", "away"} or None
        For which ground the shares of the paths beside the network were chosen.
    shares : dict of str to (float or None), or None
        These shares; None where none were chosen.
    capture : list of float or None
        Share of the landslides in the most susceptible 5, 10, 20, 30 and 50 percent of the other
        places, out of fold: the mean over the spatial blocks, or the random folds where there are
        none, each weighted with its landslides.
    factor_recipe : str or None
        How the factors were made, as `FactorSources.open` notes it in the stack.
    source_model : str or None
        Class of the model of another region that was adapted, if it was.
    source_rows, source_landslides : int or None
        Places in its training table, and how many of them are landslides, if it tells.
    adapt : str or None
        What was learned of it again, as `TransferNet` names it.
    target_weight : float or None
        Share of a model of this region alone in the log-odds.
    auc_source : list of float or None
        ROC-AUC of the model of the other region as it is, in the same spatial blocks, or in the
        random folds where there are none.
    trial : str or None
        What makes the model a trial and no result; None if it is none.
    """

    model: str
    random_state: Integral | None
    rows: Integral
    landslides: Integral
    factors: list
    categorical: list
    probabilities_of: dict
    prevalence: Real | None
    auc_random: list
    auc_blocks: list
    why_no_blocks: str | None
    uncertainty: str
    absences: Real | None = None
    absence_buffer: Real | None = None
    inventory_sha256: str | None = None
    n_landslides: Integral | None = None
    polygons: str | Integral | None = None
    min_slope: Real | None = None
    n_flat: Integral | None = None
    auc_with_flat: list | None = None
    resample: str | None = None
    ground: str | None = None
    shares: dict | None = None
    capture: list | None = None
    factor_recipe: str | None = None
    source_model: str | None = None
    source_rows: Integral | None = None
    source_landslides: Integral | None = None
    adapt: str | None = None
    target_weight: Real | None = None
    auc_source: list | None = None
    trial: str | None = None

    def to_dict(self):
        """Return the dict that is kept with the model."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts):
        """Read the dict that is kept with a model; None if it does not tell of the training."""
        if not isinstance(facts, dict):
            return None
        known = {field.name: facts[field.name] for field in fields(cls) if field.name in facts}
        if any(field.default is MISSING and field.name not in known for field in fields(cls)):
            return None
        # The file may be anybody's.
        right = all(
            isinstance(value, cls.__annotations__[name]) and not isinstance(value, bool)
            for name, value in known.items()
        )
        if not right or not 0 <= known["landslides"] <= known["rows"] or not known["rows"]:
            return None
        numbers = [*known["auc_random"], *known["auc_blocks"], *known["probabilities_of"].values()]
        numbers += (known.get("auc_with_flat") or []) + (known.get("auc_source") or [])
        numbers += known.get("capture") or []
        numbers += [share for share in (known.get("shares") or {}).values() if share is not None]
        if not known["probabilities_of"] or not all(isinstance(one, Real) for one in numbers):
            return None
        return cls(**known)
