import pytest

from sklearn_landslide.preprocessing import field_bounds


@pytest.mark.parametrize(
    "name, bounds",
    [
        ("slope", (0, 90)),
        ("Slope angle", (0, 90)),
        ("aspect", (-1, 360)),
        ("elev", (-500, 9000)),
        ("altitude", (-500, 9000)),
        ("rainfall", (0, None)),
        ("rain_000", (0, None)),
        ("mean_annual_precipitation", (0, None)),
        ("NDVI", (-1, 1)),
        ("distance_to_fault", (0, None)),
        ("Distance to road", (0, None)),
        ("dist_river", (0, None)),
        ("road_density", (0, None)),
    ],
)
def test_usual_names_of_a_factor_have_its_physical_range(name, bounds):
    assert field_bounds(name) == bounds


@pytest.mark.parametrize(
    "name",
    [
        "plan_curvature",
        "cprof",
        "tpi",
        "log10_carea",
        "log_rainfall",
        "ln_distance_to_river",
        "rainfall_anomaly",
        "slope_units",
        "soil",
        "x0",
    ],
)
def test_unbounded_transformed_and_unknown_factors_have_no_range(name):
    assert field_bounds(name) is None


@pytest.mark.parametrize("name", ["twi", "spi", "sti"])
def test_wetness_and_stream_power_allow_negative_logarithms_but_no_nodata_code(name):
    low, high = field_bounds(name)
    assert -9999 < low < -8
    assert high is None or high > 30
