"""The console: pages for people who work at a computer.  One module per domain, named as everywhere else."""
