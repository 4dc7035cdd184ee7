"""Governance: who may do what. Pure decisions over values of `core`; knows no store."""
