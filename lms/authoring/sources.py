"""The course folder as it was published: a zip in DATA/sources/<sha256>.zip, named by the edition (DESIGN.md 3.4)."""
