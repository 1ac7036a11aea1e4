"""Pages of the feedback app, by what people come for."""
