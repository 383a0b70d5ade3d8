"""What api and web share: who asks, what they may, and how a failure is told. Knows no routes."""
