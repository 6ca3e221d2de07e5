"""Tickets (报修/诉求工单): what was asked for, where it stands, by when, and everything that happened to it."""
