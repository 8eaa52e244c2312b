"""
What does each factor do?
=========================

An importance says that a factor counts. An effect says how: whether landslides become likelier on
steeper slopes, up to which angle, and whether the model means the factor itself or another one
that goes with it.
"""

# %%
# Effects on rows that the model has not seen
# -------------------------------------------
# In a synthetic region, it is known what makes slopes fail. In every fold, the forest is fitted on
# the training rows; each held-out row is then moved a little along one factor at a time, and the
# changes of its log-odds are added up (accumulated local effects, Apley and Zhu 2020).
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from sklearn_landslide import make_landslide_pipeline
from sklearn_landslide.datasets import make_landslides
from sklearn_landslide.inspection import factor_effects
from sklearn_landslide.model_selection import SpatialBlockKFold
from sklearn_landslide.plotting import FactorEffectsDisplay

region = make_landslides(800, as_frame=True, random_state=0)
blocks = SpatialBlockKFold(region.coordinates, 5, random_state=0)
forest = make_landslide_pipeline(
    RandomForestClassifier(50, min_samples_leaf=5), resample=None, random_state=0
)
effects = factor_effects(
    forest,
    region.data,
    region.target,
    cv=blocks,
    interactions=[("slope", "twi")],
    random_state=0,
)
FactorEffectsDisplay.from_result(effects, n_factors=8)
plt.show()

# %%
# The line is the effect, centered, with a band over the folds: where it is wide, folds do not
# agree. The bars behind it are the frequency ratio, which counts landslides and knows nothing of
# the model. Marks at the top are landslides, those at the bottom other places; where there are few,
# neither curve nor bars say much.

# %%
# In words
# --------
for sentence in effects.in_words():
    print("-", sentence)

# %%
# Effect and frequency ratio
# --------------------------
# ``agreement`` is the correlation of the two. A factor may have many landslides where the model
# gives it a low effect: it is then correlated with another factor, which is what the model uses.
effects.factors[["kind", "strength", "standard_error", "shape", "agreement"]].round(2)

# %%
# Another model
# -------------
# A logistic regression can only draw straight lines. Where the forest's curve bends beyond its band
# and the forest's scores are better, the straight line is wrong.
line = make_landslide_pipeline(LogisticRegression(max_iter=1000), resample=None)
straight = factor_effects(
    line, region.data, region.target, cv=blocks, interactions=0, random_state=0
)
pd.DataFrame({"line": straight.factors["shape"], "forest": effects.factors["shape"]}).head(8)
