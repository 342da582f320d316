"""The words of mails: those that come with Headrace, and a merchant's own in front of them."""
