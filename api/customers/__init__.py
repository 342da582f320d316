"""What customers are told of their orders: mails, and the page that a link in them leads to."""
