"""A made-up Hub in the shape of the real one, whose every record comes out of a hash."""
