"""A transaction as Midtrans writes it: notification bodies, GET status replies, signatures."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from devstack.simulator.clock import wib
from devstack.simulator.lifecycle import STATES
from devstack.simulator.models import Refund, Transaction

MERCHANT_ID = "G000000001"
_SETTLED = frozenset({"settlement", "partial_refund", "refund", "partial_chargeback", "chargeback"})


def money(amount: int) -> str:
    """`"150000.00"`: whole rupiah with the two decimals of every Midtrans amount."""
    return f"{amount}.00"


def sign(body: Mapping[str, Any], server_key: str) -> str:
    """SHA-512 over order id, status code, amount and key (Midtrans docs, HTTP notification)."""
    signed = f"{body['order_id']}{body['status_code']}{body['gross_amount']}{server_key}"
    return hashlib.sha512(signed.encode()).hexdigest()


def notification(transaction: Transaction, gross_amount: str) -> dict[str, Any]:
    """The unsigned body that is posted to the shop."""
    return _body(
        transaction,
        gross_amount,
        status_code=STATES[transaction.state].notified_code,
        status_message="midtrans payment notification",
    )


def status(transaction: Transaction, gross_amount: str) -> dict[str, Any]:
    """The unsigned body of GET status. DANA puts its transaction id into `order_id` there."""
    body = _body(
        transaction,
        gross_amount,
        status_code=STATES[transaction.state].status_code,
        status_message="Success, transaction is found",
    )
    body["expiry_time"] = wib(transaction.expires_at)
    if transaction.payment_type == "dana":
        body["order_id"] = transaction.transaction_id
    return body


def refund_rows(transaction: Transaction) -> list[dict[str, Any]]:
    """Every refund so far: the rows are cumulative in each notification and status."""
    return [_refund_row(row) for row in transaction.refunds]


def problem(status_code: str, message: str) -> dict[str, str]:
    """An error of the Core API, which mostly travels under HTTP 200."""
    return {"status_code": status_code, "status_message": message, "id": str(uuid4())}


def not_found() -> dict[str, str]:
    return problem("404", "Transaction doesn't exist.")


def _body(
    transaction: Transaction, gross_amount: str, *, status_code: str, status_message: str
) -> dict[str, Any]:
    state = STATES[transaction.state]
    body: dict[str, Any] = {
        "transaction_time": wib(transaction.created_at),
        "transaction_status": state.transaction_status,
        "transaction_id": transaction.transaction_id,
        "status_message": status_message,
        "status_code": status_code,
        "payment_type": transaction.payment_type,
        "order_id": transaction.order_id,
        "merchant_id": MERCHANT_ID,
        "gross_amount": gross_amount,
        "currency": "IDR",
    }
    if transaction.method != "indomaret":
        body["fraud_status"] = state.fraud_status
    if transaction.refunds:
        body["refund_amount"] = money(transaction.refunded_amount)
        body["refunds"] = refund_rows(transaction)
    if transaction.settled_at is not None and transaction.state in _SETTLED:
        body["settlement_time"] = wib(transaction.settled_at)
    return body | transaction.details | _method_fields(transaction, gross_amount)


def _refund_row(row: Refund) -> dict[str, Any]:
    written: dict[str, Any] = {
        "refund_chargeback_id": row.number,
        "refund_amount": money(row.amount),
        "created_at": wib(row.created_at),
        "reason": row.reason,
        "refund_key": row.key,
    }
    if row.confirmed_at is not None:
        written |= {"refund_method": "online", "bank_confirmed_at": wib(row.confirmed_at)}
    return written


def _method_fields(transaction: Transaction, gross_amount: str) -> dict[str, Any]:
    """The fields that depend on the method and on how far the payment has come."""
    is_settled = transaction.state in _SETTLED
    match transaction.payment_type:
        case "credit_card":
            return _card_fields(transaction)
        case "bank_transfer" if transaction.method != "permata_va":
            if is_settled and transaction.method == "bni_va" and transaction.settled_at:
                paid = {"paid_at": wib(transaction.settled_at - 1), "amount": gross_amount}
                return {"payment_amounts": [paid]}
            return {"payment_amounts": []}
        case "qris" if is_settled:
            return {
                "issuer": "gopay",
                "transaction_type": "on-us",
                "merchant_cross_reference_id": transaction.token,
            }
        case "gopay" if is_settled:
            return {"payment_option_type": "GOPAY_WALLET"}
        case "shopeepay" if is_settled:
            return {
                "shopeepay_reference_number": _reference(transaction, 18),
                "reference_id": f"DL-{_reference(transaction, 6)}",
            }
        case "cstore" if is_settled and transaction.method == "indomaret":
            return {"approval_code": f"IDM{_reference(transaction, 9)}"}
        case _:
            return {}


def _card_fields(transaction: Transaction) -> dict[str, Any]:
    fields = {"eci": "05"}
    if transaction.state in ("deny", "rejected", "failure"):
        fields |= {
            "channel_response_code": "05",
            "channel_response_message": "Do not honor",
        }
    elif transaction.state not in ("pending", "expire"):
        fields |= {
            "approval_code": _reference(transaction, 13),
            "channel_response_code": "00",
            "channel_response_message": "Approved",
        }
    return fields | {"three_ds_version": "2"}


def _reference(transaction: Transaction, digits: int) -> str:
    """A number that stays the same for one transaction."""
    digest = hashlib.sha256(transaction.transaction_id.encode()).hexdigest()
    return str(int(digest, 16))[:digits]
