"""What a run is to do: the plan, what each part of it rests on, and what of it is up to date."""
