"""Published rules of other debuggers, written anew from their definitions to run over our records."""

from tests.zoo.rivals import autotrainer, deepdiagnosis, sagemaker, thedeepchecker

RIVAL_RULES = (*sagemaker.RULES, *autotrainer.RULES, *deepdiagnosis.RULES, *thedeepchecker.RULES)
"""Every one that can be computed, at its published limits."""
