"""The use cases of activity_sync: note activities, drain tasks, drain timeline events."""
