"""The grammar of dates: words of the calendar → expressions → days; one resolver for periods and comparisons."""
