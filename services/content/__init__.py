"""Content safety: nobody but the author and the station sees what was not checked."""
