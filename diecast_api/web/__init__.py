"""What every door of the shop shares over HTTP: problems, paging, identity, documents, health."""
