"""HLS: a session's picture and sound cut into pieces that any web server can pass on."""
