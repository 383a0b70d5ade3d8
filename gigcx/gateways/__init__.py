"""Third parties, one module each: our types in, our types out. Built by the app, used by jobs."""
