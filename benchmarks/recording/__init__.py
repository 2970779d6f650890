"""What recording one stream costs the media process."""
