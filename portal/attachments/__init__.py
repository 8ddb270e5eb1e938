"""Files of entries: taken with the form, served through the entry that names them."""
