"""Emergency access (ārkārtas piekļuve): a day, with proof and reason, told at once, reviewed afterwards."""
