"""Acting for someone (代办): giving, recording and ending mandates, acting by one, and the monthly read-back."""
