"""Who someone is and what they may see."""
