"""Dated editions of every number that a law, standard, plan or city order sets, as typed rows.

The only reader of package data. A rule is asked for with the day it applies to; there is no hidden "current".
"""

from lantian.standards.catalog import TableInfo, catalog, in_force, unverified
from lantian.standards.loader import Row, parse, table, table_names

__all__ = ["Row", "TableInfo", "catalog", "in_force", "parse", "table", "table_names", "unverified"]
