"""The door in: AllTick's protocol, its sockets and its history."""
