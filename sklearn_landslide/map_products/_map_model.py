"""A fitted model with what belongs to its maps."""


class MapModel:
    """A fitted model with its zones and its area of applicability, to be saved together.

    The edges of the zones and the limit of applicability are learned where the model was trained,
    and stay the same on every later map, so that maps can be compared.

    Parameters
    ----------
    model : fitted classifier or pipeline
        The model that gives the probabilities.
    zones : SusceptibilityZones or None, default=None
        Fitted; None if it has yet to be learned on a map.
    applicability : AreaOfApplicability or None, default=None
        Fitted on the training table; None if it is not known.
    refits : sequence of fitted classifiers, default=()
        Other fits whose spread is the uncertainty, such as the models of the spatial blocks; empty
        for a model that has members.
    facts : dict, default=None
        What is known of the training: text, numbers, lists and dicts. None: nothing is known.

    See Also
    --------
    make_susceptibility_map : Makes one, and the map.
    sklearn_landslide.persistence.save_model : Saves it.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn_landslide.map_products import MapModel
    >>> from sklearn_landslide.mapping import SusceptibilityZones
    >>> model = DummyClassifier().fit([[0], [1]], [0, 1])
    >>> zones = SusceptibilityZones("equal_interval").fit([0.0, 1.0])
    >>> MapModel(model, zones).zones.edges_
    array([0. , 0.2, 0.4, 0.6, 0.8, 1. ])
    """

    def __init__(self, model, zones=None, applicability=None, refits=(), facts=None):
        self.model = model
        self.zones = zones
        self.applicability = applicability
        self.refits = list(refits)
        self.facts = dict(facts or {})

    def __repr__(self):
        return f"MapModel({self.model!r}, zones={self.zones!r})"
