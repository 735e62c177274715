"""Synthetic people, the dense network learned from them, and its export."""
