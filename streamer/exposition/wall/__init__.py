"""The wall: pages that show campaigns live, on a screen of the room, a desk or a phone."""
