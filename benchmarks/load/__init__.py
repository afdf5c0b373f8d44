"""The morning of a year's end in hundreds of cities, as staff and contractors send it, at an open rate of arrival."""
