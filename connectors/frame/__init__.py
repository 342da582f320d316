"""What all connectors share: what a message is, what it may say, and how a system is declared."""
