"""Internal counters (darba skaitītāji): open cases as heads and operations count them, seconds after each change."""
