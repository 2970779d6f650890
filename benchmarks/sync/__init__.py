"""What a viewer's page shows and plays, and when."""
