"""The one writer of stock, and the ledger of its movements."""
