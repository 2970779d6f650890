"""A sentence's vector, one line at a time: pieces, first layer, network."""
