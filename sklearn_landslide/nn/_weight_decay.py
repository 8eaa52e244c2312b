"""Which weights an optimizer decays, and towards what."""

from contextlib import contextmanager

import torch


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


@contextmanager
def pulled_to_start(optimizer, strength):
    """Let an optimizer's weights decay towards those that they have now (Li et al. 2018).

    After each step with the rate ``lr`` the distance to the start is divided by
    ``1 + lr * strength``: the proximal step of the penalty ``strength / 2 * |w - start|^2``,
    outside of the adaptive rates as the decay of AdamW is, and stable for any strength.

    Parameters
    ----------
    optimizer : torch optimizer
        That of a net.
    strength : float
        0 pulls at nothing.

    References
    ----------
    Li, X., Grandvalet, Y., Davoine, F. (2018). Explicit inductive bias for transfer learning
    with convolutional networks. ICML. https://arxiv.org/abs/1802.01483
    """
    if not strength:
        yield
        return
    start = {
        parameter: parameter.detach().clone()
        for group in optimizer.param_groups
        for parameter in group["params"]
    }

    def pull(optimizer, args, kwargs):
        with torch.no_grad():
            for group in optimizer.param_groups:
                back = 1 - 1 / (1 + group["lr"] * strength)
                for parameter in group["params"]:
                    if parameter.requires_grad:
                        parameter.lerp_(start[parameter], back)

    hook = optimizer.register_step_post_hook(pull)
    try:
        yield
    finally:
        hook.remove()
