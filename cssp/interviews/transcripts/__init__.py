"""Transcripts as they were typed: files into lines, lines into turns, turns into a project."""
