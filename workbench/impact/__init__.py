"""What a price book would have done to every customer: replay, reconciliation, guardrails, volatility."""
