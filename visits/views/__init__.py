"""Pages of the programme year, the plans and the visits, one module each."""
