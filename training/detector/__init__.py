"""The face detector: synthetic crowds, a small one-stage network, its training and export."""
