"""What a stranger can learn of people from published results: the attack, and other traces."""
