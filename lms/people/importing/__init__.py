"""Staff files of SIASN and SIMPEG: read as people and units, compared with what is known, taken over, and taken back (D23)."""
