"""Applications that reached a plan on paper, from a CSV file: columns, reading, checking."""
