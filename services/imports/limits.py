"""How much is taken at once, and what is believable; each number with its reason."""

FILE_MOST = 40 * 1024 * 1024
"""Bytes.  Ten times a workbook of 63,000 homes; the web takes less anyway."""
UNPACKED_MOST = 400 * 1024 * 1024
"""Bytes of a workbook unpacked: 100,000 rows of twenty columns take some 100 MB of XML."""
UNPACKED_RATIO = 250
"""How often larger than packed one part may be.  Real sheets reach 20, endless repetition 1,000."""
UNPACKED_HARMLESS = 10 * 1024 * 1024
"""Bytes below which the ratio says nothing: a small empty part packs very well."""
PARTS_MOST = 1_000
"""Files within a workbook."""
SHEETS_MOST = 200
"""A large neighborhood with a sheet for each building."""
ROWS_MOST = 100_000
"""Rows of all sheets.  One neighborhood has 20,000 homes at most; more is a whole district in one file."""
COLUMNS_MOST = 80
CELL_MOST = 200
"""Characters kept of a cell: longer ones are remarks that nobody imports."""
MERGED_MOST = 200_000
"""Cells into which merged ones are carried."""

AREA_LEAST, AREA_MOST = 300, 100_000
"""0.01 m².  Below 3 m² nobody can live or store anything; above 1,000 m² it is a whole building."""
AREA_SMALL, AREA_LARGE = 1_500, 30_000
"""0.01 m².  Below 15 m² or above 300 m² somebody should look again: in resettlement blocks homes have 30 to 120."""
PEOPLE_MOST = 20
"""Persons in one cell or one home: more is a list that slipped into the wrong column."""
