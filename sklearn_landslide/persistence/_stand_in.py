"""What a stand-in is."""


class StandIn:
    """Base of the stand-ins: an object of this kind exists only while a model is saved."""

    @classmethod
    def with_arguments(cls, *arguments):
        """Make the stand-in itself; calling the class makes what it stands for."""
        stand_in = object.__new__(cls)
        stand_in.arguments = arguments
        return stand_in

    def __reduce__(self):
        # Read by skops, which writes the class's name and the arguments.
        return type(self), self.arguments
