"""The Hub as it is asked: session, rate limit, listing and single repositories."""
