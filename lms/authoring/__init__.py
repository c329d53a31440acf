"""What authors work with: course folders, preview, publishing, archives. Files are the truth; no Flask."""
