"""Frames in, frames out: feeds, reconciliation, outcomes, learning, simulation, reports."""
