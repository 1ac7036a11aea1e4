"""What the dashboards say: of the county, a township, a unit, an officer, each from one reading."""
