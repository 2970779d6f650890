"""What ``causerie`` can be told to do, a module each."""
