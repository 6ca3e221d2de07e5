"""What providers outside call by themselves."""
