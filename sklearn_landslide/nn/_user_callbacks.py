"""Callbacks that a person passes in: copied before they run, and explained where they fail."""

from copy import copy

from skorch.callbacks import Callback, LRScheduler
from torch.optim.lr_scheduler import ReduceLROnPlateau

from sklearn_landslide.nn._callbacks import WarmupCosine

_OF_VALIDATION = ("valid_loss", "valid_loss_best")


def copy_callbacks(callbacks):
    """Copy callbacks, so that a fit does not change those that were passed in.

    A callback that another one refers to is the same copy for both. What else a callback holds is
    shared: a writer or a lock cannot be copied.

    Parameters
    ----------
    callbacks : dict of str to Callback, class or None
        The callbacks by name.

    Returns
    -------
    copied : dict of str to Callback, class or None

    Examples
    --------
    >>> from skorch.callbacks import LoadInitState, TrainEndCheckpoint
    >>> from sklearn_landslide.nn._user_callbacks import copy_callbacks
    >>> save = TrainEndCheckpoint()
    >>> copied = copy_callbacks({"save": save, "load": LoadInitState(save)})
    >>> copied["save"] is save, copied["load"].checkpoint is copied["save"]
    (False, True)
    """
    made = {}

    def copied(thing):
        # A list that holds no callback is the user's, to be filled by the callback.
        if type(thing) in (list, tuple):
            inside = [copied(part) for part in thing]
            changed = any(new is not old for new, old in zip(inside, thing, strict=True))
            return type(thing)(inside) if changed else thing
        if type(thing) is dict:
            inside = {key: copied(value) for key, value in thing.items()}
            return inside if any(inside[key] is not thing[key] for key in thing) else thing
        # What has the methods of a callback need not be derived from it.
        if isinstance(thing, type) or not (isinstance(thing, Callback) or id(thing) in tops):
            return thing
        if id(thing) not in made:
            # Noted first: two callbacks may refer to each other.
            made[id(thing)] = twin = copy(thing)
            for name, value in list(vars(twin).items()):
                if (changed := copied(value)) is not value:
                    vars(twin)[name] = changed
        return made[id(thing)]

    tops = {id(callback) for callback in callbacks.values() if callback is not None}
    return {name: copied(callback) for name, callback in callbacks.items()}


def sets_learning_rate(callback):
    """Say whether a callback is a schedule of the learning rate.

    Parameters
    ----------
    callback : Callback, class or None
        What was passed in.

    Returns
    -------
    is_schedule : bool
    """
    kind = callback if isinstance(callback, type) else type(callback)
    return issubclass(kind, LRScheduler | WarmupCosine)


def needs_validation_rows(callback):
    """Say whether a callback watches the loss of validation rows.

    Parameters
    ----------
    callback : Callback
        The callback.

    Returns
    -------
    needs : bool
    """
    if isinstance(callback, LRScheduler) and callback.policy_ is not ReduceLROnPlateau:
        return False
    return getattr(callback, "monitor", None) in _OF_VALIDATION


def explain_monitor(name, callback, history=None):
    """Return the error of a callback that watches what the history does not hold.

    Parameters
    ----------
    name : str
        Name of the callback.
    callback : Callback
        The callback.
    history : History or None, default=None
        What was recorded so far; None where it is known that there are no validation rows.

    Returns
    -------
    error : ValueError or None
        None where the history holds it, or nothing is watched.
    """
    monitor = getattr(callback, "monitor", None)
    if not isinstance(monitor, str):
        return None
    if history is None or (history and monitor in _OF_VALIDATION and monitor not in history[-1]):
        return ValueError(
            f"The callback {name} watches {monitor!r}, and there are no validation rows: "
            "pass train_split=skorch.dataset.ValidSplit(0.2), or watch 'train_loss'."
        )
    if not history or monitor in history[-1]:
        return None
    if any(monitor in batch for batch in history[-1]["batches"][-1:]):
        return None
    recorded = sorted(set(history[-1]) - {"batches", "epoch", "dur"})
    return ValueError(
        f"The callback {name} watches {monitor!r}, which the history does not hold: "
        f"choose from {recorded}."
    )
