"""What a run can prove: manifest, RO-Crate, verification."""
