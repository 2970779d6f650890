"""The models and lists behind the policy's ports."""
