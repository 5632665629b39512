"""The payment methods: their names, limits, life times and what each shows the customer."""

import secrets
from dataclasses import dataclass
from typing import Any

from devstack.simulator.clock import DAY, HOUR, MINUTE

MILLION = 1_000_000
CARD, TRANSFER, QR, WALLET, STORE, LATER = (
    "Card",
    "Virtual account",
    "QRIS",
    "E-wallet",
    "Convenience store",
    "Pay later",
)


@dataclass(frozen=True)
class Method:
    """One method. `key` is its name in `enabled_payments`; amounts are whole rupiah.

    `lifetime` is how long it stays payable, in seconds, when the shop set no `expiry`;
    `active` whether the account offers it when the shop named no methods.
    """

    key: str
    payment_type: str
    label: str
    group: str
    bank: str | None = None
    minimum: int = 1
    maximum: int = 999_999_999
    lifetime: int = DAY
    active: bool = True

    @property
    def badge(self) -> str:
        """The few letters that stand in for the logo."""
        return "CARD" if self.group == CARD else self.label.split()[0].upper()

    def accepts(self, amount: int) -> bool:
        return self.minimum <= amount <= self.maximum


METHODS: dict[str, Method] = {
    method.key: method
    for method in (
        Method(
            "credit_card",
            "credit_card",
            "Credit or debit card",
            CARD,
            minimum=10_000,
            lifetime=15 * MINUTE,
        ),
        Method("bca_va", "bank_transfer", "BCA", TRANSFER, bank="bca", minimum=10_000),
        Method("bni_va", "bank_transfer", "BNI", TRANSFER, bank="bni"),
        Method("bri_va", "bank_transfer", "BRI", TRANSFER, bank="bri"),
        Method("permata_va", "bank_transfer", "Permata", TRANSFER, bank="permata"),
        Method("echannel", "echannel", "Mandiri Bill", TRANSFER, bank="mandiri"),
        Method(
            "cimb_va",
            "bank_transfer",
            "CIMB Niaga",
            TRANSFER,
            bank="cimb",
            maximum=250 * MILLION,
            active=False,
        ),
        Method(
            "other_qris",
            "qris",
            "QRIS",
            QR,
            maximum=10 * MILLION,
            lifetime=15 * MINUTE,
        ),
        Method(
            "gopay",
            "gopay",
            "GoPay",
            WALLET,
            maximum=20 * MILLION,
            lifetime=15 * MINUTE,
        ),
        Method(
            "shopeepay",
            "shopeepay",
            "ShopeePay",
            WALLET,
            maximum=20 * MILLION,
            lifetime=15 * MINUTE,
        ),
        Method(
            "dana",
            "dana",
            "DANA",
            WALLET,
            maximum=20 * MILLION,
            lifetime=15 * MINUTE,
            active=False,
        ),
        Method("ovo", "ovo", "OVO", WALLET, lifetime=15 * MINUTE, active=False),
        Method(
            "indomaret",
            "cstore",
            "Indomaret",
            STORE,
            bank="indomaret",
            minimum=10_000,
            maximum=5 * MILLION,
        ),
        Method("alfamart", "cstore", "Alfamart", STORE, bank="alfamart", maximum=5 * MILLION),
        Method(
            "akulaku",
            "akulaku",
            "Akulaku",
            LATER,
            minimum=5_000,
            lifetime=2 * HOUR,
            active=False,
        ),
        Method("kredivo", "kredivo", "Kredivo", LATER, active=False),
    )
}

# Names in `enabled_payments` that stand for several methods, and `qris` as notifications call it.
ALIASES: dict[str, tuple[str, ...]] = {
    "bank_transfer": ("bca_va", "bni_va", "bri_va", "permata_va", "cimb_va"),
    "other_va": ("bni_va", "bri_va", "permata_va", "cimb_va"),
    "cstore": ("indomaret", "alfamart"),
    "qris": ("other_qris",),
}

REFUNDABLE = frozenset(
    {"credit_card", "gopay", "shopeepay", "dana", "ovo", "qris", "kredivo", "akulaku"}
)
DIRECTLY_REFUNDABLE = frozenset({"credit_card", "gopay", "shopeepay", "qris", "kredivo", "akulaku"})
WHOLE_REFUND_ONLY = frozenset({"shopeepay", "ovo"})
REVERSIBLE = frozenset({"permata_va", "echannel", "indomaret"})


def offered(enabled_payments: list[str] | None) -> list[Method]:
    """What the page lists: the named methods in the shop's order, or every active one."""
    if enabled_payments is None:
        return [method for method in METHODS.values() if method.active]
    keys = [key for name in enabled_payments for key in ALIASES.get(name, (name,))]
    return [METHODS[key] for key in dict.fromkeys(keys) if key in METHODS]


def named(payment_type: str, bank: str | None = None) -> Method | None:
    """The method of a `payment_type` and its bank or store, or of a key such as `bca_va`."""
    if payment_type in METHODS:
        return METHODS[payment_type]
    matches = [method for method in METHODS.values() if method.payment_type == payment_type]
    if bank is not None:
        matches = [method for method in matches if method.bank == bank]
    return matches[0] if matches else None


def shown_details(method: Method) -> dict[str, Any]:
    """What this method hands out when it is chosen: the number to pay to, the card used."""
    match method.payment_type:
        case "credit_card":
            return {"masked_card": "48111111-1114", "bank": "bni", "card_type": "credit"}
        case "bank_transfer" if method.bank == "permata":
            return {"permata_va_number": "8562" + _digits(12)}
        case "bank_transfer":
            return {"va_numbers": [{"bank": method.bank, "va_number": "988" + _digits(13)}]}
        case "echannel":
            return {"biller_code": "70012", "bill_key": "99" + _digits(10)}
        case "qris":
            return {"acquirer": "gopay"}
        case "cstore":
            return {"store": method.bank, "payment_code": "3000" + _digits(14)}
        case _:
            return {}


def _digits(count: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(count))
