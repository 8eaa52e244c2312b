"""Which weights an optimizer decays."""


def decay_matrices_only(groups, named_parameters):
    """Divide groups of parameters, so that biases, adapters and scales are not decayed.

    Parameters
    ----------
    groups : list of dict
        Groups of parameters, as a torch optimizer takes them.
    named_parameters : list of (str, Parameter)
        All parameters by name.

    Returns
    -------
    groups : list of dict
        Without empty ones; a weight decay that a group already has stays.
    """
    name_of = {id(parameter): name for name, parameter in named_parameters}
    divided = []
    for group in groups:
        decayed, free = [], []
        for parameter in group["params"]:
            is_matrix = "weight" in name_of[id(parameter)] and parameter.ndim > 1
            (decayed if is_matrix else free).append(parameter)
        divided += [
            {**group, "params": decayed},
            {"weight_decay": 0.0, **group, "params": free},
        ]
    return [group for group in divided if group["params"]]
