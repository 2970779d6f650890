"""The forwarder beside Janus: CPU per packet, loss, memory and the time of a join."""
