"""Every stage on the wall of a workshop: one section at a time in large type, on a server of its own."""
