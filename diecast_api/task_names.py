"""The contract with the worker: names of tasks and their queues, strings only."""

RELAY_OUTBOX = "outbox.relay"
RENDER_IMAGE = "catalog.render_image"
SWEEP_IMAGES = "catalog.sweep_images"
DELETE_OBJECT = "catalog.delete_object"
HANDLE_NOTIFICATION = "payments.handle_notification"
SWEEP_NOTIFICATIONS = "payments.sweep_notifications"
EXPIRE_ORDERS = "payments.expire_orders"
RECONCILE_PAYMENTS = "payments.reconcile"
PURGE_EXPIRED_ROWS = "housekeeping.purge_expired_rows"

DEFAULT_QUEUE = "default"
IMAGES_QUEUE = "images"
PAYMENTS_QUEUE = "payments"

QUEUE_OF = {
    RELAY_OUTBOX: DEFAULT_QUEUE,
    RENDER_IMAGE: IMAGES_QUEUE,
    SWEEP_IMAGES: DEFAULT_QUEUE,
    DELETE_OBJECT: DEFAULT_QUEUE,
    HANDLE_NOTIFICATION: PAYMENTS_QUEUE,
    SWEEP_NOTIFICATIONS: PAYMENTS_QUEUE,
    EXPIRE_ORDERS: PAYMENTS_QUEUE,
    RECONCILE_PAYMENTS: PAYMENTS_QUEUE,
    PURGE_EXPIRED_ROWS: DEFAULT_QUEUE,
}
