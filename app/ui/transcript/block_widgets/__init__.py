"""One widget for each kind of strip in the column."""
