"""Seeded histories of people, troubles and runs, and the promises that must hold in every one of them."""
