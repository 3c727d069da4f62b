"""Runs Causeway's services and both CRM simulators as processes of this machine.

The demo and the end-to-end tests use it; neither touches a service but through HTTP.
"""
