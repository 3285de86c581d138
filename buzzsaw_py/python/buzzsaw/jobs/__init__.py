"""What the jobs share: their runs, manifests and tables, and how they tell what they do."""
