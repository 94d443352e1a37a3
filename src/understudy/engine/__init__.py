"""Performs a plan: schedules its jobs, runs their steps, and emits events."""
