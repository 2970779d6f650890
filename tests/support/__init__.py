"""What every suite may lean on: real servers, free ports, a bounded runner for processes."""
