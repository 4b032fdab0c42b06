"""The pages that the README links to, and the parts of them that are generated."""
