"""Things that tests of several rooms need, made new for each call."""
