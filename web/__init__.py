"""Pages, imports and every edge that joins scheduling and notifications; it holds no rule."""
