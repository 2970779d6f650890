"""Recording: what a seat sends is put into a file as it comes, without decoding it."""
