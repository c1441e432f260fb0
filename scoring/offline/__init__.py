"""Scoring without a connection: a workbook to fill in, and what its return changes."""
