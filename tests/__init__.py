"""Tests by promise: unit, property, contract, agents, pipelines, http, browser, chaos, kafka."""
