"""Groups that hear of a neighborhood's affairs, and the ways that WeChat allows to speak in them.  See docs/groups.md."""
