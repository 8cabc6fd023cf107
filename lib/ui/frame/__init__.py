"""What stands around every page: menu, signing in, starting up, the server."""
