"""What every test stands on: servers, databases, a movable clock, a closed network, the count of capabilities."""
