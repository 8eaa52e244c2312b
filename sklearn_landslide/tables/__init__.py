"""Tables of landslide and non-landslide places: read from a file and checked, one door in."""

# Redundant aliases: for the other rooms, and no part of what the package promises.
from sklearn_landslide.tables._columns import as_category as as_category
from sklearn_landslide.tables._columns import as_labels as as_labels
from sklearn_landslide.tables._columns import as_number as as_number
from sklearn_landslide.tables._contradictions import contradictory_rows as contradictory_rows
from sklearn_landslide.tables._files import read_frame as read_frame
from sklearn_landslide.tables._header import names_like_values as names_like_values
from sklearn_landslide.tables._projection import system_name as system_name
from sklearn_landslide.tables._projection import utm_name as utm_name
from sklearn_landslide.tables._read_table import read_table
from sklearn_landslide.tables._vector_files import check_exists as check_exists
from sklearn_landslide.tables._vector_files import is_vector as is_vector
from sklearn_landslide.tables._vector_files import read_geoparquet as read_geoparquet
from sklearn_landslide.tables._vector_files import read_vector as read_vector
from sklearn_landslide.tables._write_table import check_table_file as check_table_file
from sklearn_landslide.tables._write_table import write_table

__all__ = ["read_table", "write_table"]
