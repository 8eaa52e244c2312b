"""Where a net computes: what may be asked for, and whether it is there."""

import torch


def device_of(net):
    """Return the device of a net; with ``device=None``, that of its module.

    Parameters
    ----------
    net : ScikitNet
        The net.

    Returns
    -------
    device : torch.device
    """
    if net.device is not None:
        return torch.device(net.device)
    tensors = getattr(net, "module_", torch.nn.Identity()).parameters()
    return next((tensor.device for tensor in tensors), torch.device("cpu"))


def check_device(device):
    """Raise, in one line, for a device that is not there.

    Parameters
    ----------
    device : str, torch.device or None
        Where to compute; None leaves everything where it is.

    Raises
    ------
    ValueError
        If torch does not know the device, or this machine or this build of torch has none.

    Examples
    --------
    >>> from sklearn_landslide.nn._devices import check_device
    >>> check_device("cpu")
    >>> check_device("gpu")
    Traceback (most recent call last):
        ...
    ValueError: device='gpu' is not available here: choose "cpu" or a device that torch finds.
    """
    if device is None:
        return
    try:
        # Where torch was built without it, torch fails an assertion. "meta" holds no values.
        available = torch.zeros(1, device=device).add(1).device.type != "meta"
    except (AssertionError, AttributeError, NotImplementedError, RuntimeError, TypeError):
        available = False
    if not available:
        raise ValueError(
            f"device={str(device)!r} is not available here: "
            'choose "cpu" or a device that torch finds.'
        )
