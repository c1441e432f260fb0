"""The decision record: one document that says what was decided, by which rules, from which numbers."""
