"""Areas, plants, lines, meters, stations and the approved list, as registry rows."""
