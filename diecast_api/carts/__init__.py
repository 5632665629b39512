"""What customers and guests mean to buy."""
