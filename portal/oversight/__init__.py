"""Oversight (pārraudzība): a head's cases – who answers, what is due, what is silent – and handing them over."""
