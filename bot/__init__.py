"""failures-bot: records every attempt of every job, finds what is really broken, learns which fix works."""
