"""Score sheets as files for other programs: what a row says, and the three formats."""
