"""Media processes feed each other: what a publisher sends to one, viewers of all of them get."""
