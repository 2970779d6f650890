"""What in the pulse deserves the host's attention."""
