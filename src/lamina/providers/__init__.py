"""Providers: models from outside behind the Protocols of `core`. One file each; none is imported before it is named."""
