"""
The local API proxy: forwards model calls byte for byte and reads a copy to know what they cost.

Start at `server.ProxyServer`; `socket.bind_socket` is apart because it must be cheap to import.
"""
