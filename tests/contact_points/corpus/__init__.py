"""Lists as people make them: each file is named for its difficulty and knows how it is read."""

from tests.contact_points.corpus import cells, files, kinds, lines, tables
from tests.contact_points.corpus.making import CASES

__all__ = ["CASES", "cells", "files", "kinds", "lines", "tables"]
