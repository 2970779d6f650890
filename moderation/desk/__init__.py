"""What the ear does beside the conversation: it learns from the team, compares questions, feels."""
