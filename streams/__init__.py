"""The only place with Faust: pool agent, outbox, archive, timers."""
