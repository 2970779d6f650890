"""The media port over a service that is there already: Janus, or any with WHIP and WHEP.

Our server stays the only door: it knows people, seats and bans, and speaks with the service on
their behalf. Packets go between the service and people's browsers, never through here.
"""
