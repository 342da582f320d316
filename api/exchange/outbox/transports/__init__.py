"""How an event reaches its subscriber: one file a transport, chosen by the scheme of the subscription's address."""
