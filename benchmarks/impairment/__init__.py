"""The picture on a bad network, between two network namespaces, and against those who mean harm."""
