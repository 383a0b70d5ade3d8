"""A brand's products as a tree of topics, and who has proven to know which."""
