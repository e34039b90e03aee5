"""What every level may read and write down: run records and the count of trials.

The lowest room: it knows neither strategies nor data, only their names and hashes. Nothing here is imported before it is used.
"""
