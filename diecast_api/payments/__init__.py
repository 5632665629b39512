"""How orders are paid: Midtrans Snap, its notifications, and the sweeps behind them."""
