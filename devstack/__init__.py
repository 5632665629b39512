"""What stands in for production on one machine: servers, a Midtrans simulator, a demo shop."""
