"""Stores: where records and the log are kept. Plugs behind `core.protocols.Store`; blind to the stages."""
