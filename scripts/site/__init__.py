"""The documentation site: what is generated for it, and how it is built (`make docs`)."""
