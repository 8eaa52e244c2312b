"""What the tests of the network share."""

import pytest
import torch


@pytest.fixture
def seeded_torch():
    """The same weights and data in every run; torch's generator is left as it was."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield
