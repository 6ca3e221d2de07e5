"""Homes (房屋): how people spell them, what is known of each, and finding one from what is said on the phone.

* ``spelling``    full-width digits, Chinese numerals, dashes: text made even, nothing understood yet
* ``addressing``  text becomes building, stairwell, floor, room; what is ambiguous gives several readings
* ``invitations``  the codes that bind a phone to a person or a home
"""
