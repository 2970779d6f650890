"""The socket: connection protocol, projection, fan-out."""
