"""What all figures and tables share; knows no stage."""
