"""Small statistics that all stages share; they know no stage."""
