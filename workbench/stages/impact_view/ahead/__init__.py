"""Charts of what comes after the switch to new prices."""
