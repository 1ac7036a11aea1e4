"""Pages of the months, the reports and the bulletins, by what people come for."""
