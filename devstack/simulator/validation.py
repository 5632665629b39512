"""What Snap checks in a create request, and the words it refuses with."""

import re
from typing import Any

from devstack.simulator import clock

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_CUSTOMER_LIMITS = {"first_name": 255, "last_name": 255, "email": 255, "phone": 255}
_ADDRESS_LIMITS = {
    "first_name": 255,
    "last_name": 255,
    "email": 255,
    "phone": 255,
    "address": 255,
    "city": 100,
    "postal_code": 10,
    "country_code": 10,
}
_START_TIME_FORMAT = "yyyy-MM-dd hh:mm:ss Z format (eg 2020-06-09 15:07:00 +0700)"


def problems_of(request: object) -> list[str]:
    """Every reason to refuse this create request, in Snap's words; none when it is fine."""
    if not isinstance(request, dict):
        return ["request body must be a JSON object"]
    return [
        *_transaction_problems(request),
        *_customer_problems(request),
        *_expiry_problems(request),
        *_other_problems(request),
    ]


def _transaction_problems(request: dict[str, Any]) -> list[str]:
    details = request.get("transaction_details")
    if not isinstance(details, dict):
        return ["transaction_details is required"]
    problems = []
    order_id = details.get("order_id")
    if not isinstance(order_id, str) or not order_id:
        problems.append("transaction_details.order_id is required")
    elif len(order_id) > 50:
        problems.append("transaction_details.order_id too long")
    amount = details.get("gross_amount")
    amount_problem = _amount_problem(amount)
    if amount_problem:
        return [*problems, amount_problem]
    return [*problems, *_item_problems(request, amount)]


def _amount_problem(amount: object) -> str | None:
    if amount is None:
        return "transaction_details.gross_amount is required"
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        return "transaction_details.gross_amount must be a number"
    if amount < 0.01:
        return "transaction_details.gross_amount must be greater than or equal to 0.01"
    if not isinstance(amount, int):
        return "transaction_details.gross_amount must not have decimals"
    return None


def _item_problems(request: dict[str, Any], amount: Any) -> list[str]:
    items = request.get("item_details")
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return ["item_details must be an array"]
    problems = list(dict.fromkeys(problem for item in items for problem in _one_item(item)))
    if not problems and sum(item["price"] * item["quantity"] for item in items) != amount:
        problems = ["transaction_details.gross_amount is not equal to the sum of item_details"]
    return problems


def _one_item(item: dict[str, Any]) -> list[str]:
    problems = []
    if type(item.get("price")) is not int:
        problems.append("item_details price is required")
    quantity = item.get("quantity")
    if type(quantity) is not int or quantity < 1:
        problems.append("item_details quantity must be greater than or equal to 1")
    if not isinstance(item.get("name"), str) or not item["name"]:
        problems.append("item_details Name is required")
    for field in ("id", "name", "brand", "category", "merchant_name"):
        if len(str(item.get(field) or "")) > 50:
            problems.append(f"item_details {field.capitalize()} too long")
    return problems


def _customer_problems(request: dict[str, Any]) -> list[str]:
    customer = request.get("customer_details")
    if customer is None:
        return []
    if not isinstance(customer, dict):
        return ["customer_details must be an object"]
    problems = _too_long("customer_details", customer, _CUSTOMER_LIMITS)
    for kind in ("billing_address", "shipping_address"):
        address = customer.get(kind)
        if isinstance(address, dict):
            where = f"customer_details.{kind}"
            problems += _too_long(where, address, _ADDRESS_LIMITS) + _bad_email(where, address)
    return problems + _bad_email("customer_details", customer)


def _too_long(where: str, values: dict[str, Any], limits: dict[str, int]) -> list[str]:
    return [
        f"{where}.{field} too long"
        for field, limit in limits.items()
        if len(str(values.get(field) or "")) > limit
    ]


def _bad_email(where: str, values: dict[str, Any]) -> list[str]:
    email = values.get("email")
    if email is None or (isinstance(email, str) and _EMAIL.fullmatch(email)):
        return []
    return [f"{where}.email format is invalid"]


def _expiry_problems(request: dict[str, Any]) -> list[str]:
    problems = []
    for name in ("expiry", "page_expiry"):
        period = request.get(name)
        if period is None:
            continue
        try:
            clock.parse_duration(period if isinstance(period, dict) else {})
        except ValueError:
            problems.append(f"{name} duration and unit (minute, hour or day) are invalid")
    expiry = request.get("expiry")
    if isinstance(expiry, dict) and "start_time" in expiry:
        try:
            clock.parse_start_time(expiry["start_time"])
        except ValueError:
            problems.append(f"expiry.start_time must follow {_START_TIME_FORMAT}")
    return problems


def _other_problems(request: dict[str, Any]) -> list[str]:
    problems = []
    enabled = request.get("enabled_payments")
    if enabled is not None and not (
        isinstance(enabled, list) and all(isinstance(name, str) for name in enabled)
    ):
        problems.append("enabled_payments must be an array of strings")
    callbacks = request.get("callbacks")
    if isinstance(callbacks, dict):
        problems += _too_long("callbacks", callbacks, {"finish": 255, "error": 255})
    fields = {f"custom_field{number}": 255 for number in (1, 2, 3)}
    return problems + [text.removeprefix(".") for text in _too_long("", request, fields)]
