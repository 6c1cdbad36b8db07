from .decision import MigrationDecision as MigrationDecision
