"""One door for tables: a file in, raw values with labels out."""
