"""The console on a computer: how a browser gets in (by scanning, or by a one-time code), and how it stays in."""
