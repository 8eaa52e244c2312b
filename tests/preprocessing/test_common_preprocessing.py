from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_landslide.preprocessing import FactorImputer, PlausibleRange


@parametrize_with_checks(
    [
        PlausibleRange(),
        PlausibleRange({0: (-1, 1)}),
        PlausibleRange({0: (-1, 1)}, action="clip"),
        FactorImputer(),
        FactorImputer(strategy="mean"),
    ]
)
def test_sklearn_checks(estimator, check):
    check(estimator)
