"""The wire: commands, events, frames and shapes, and what is generated from them."""
