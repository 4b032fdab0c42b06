"""Who is who, without saying it: addresses become keyed hashes."""
