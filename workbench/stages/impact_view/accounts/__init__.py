"""Accounts one by one: old and new bills, how they change, and why."""
