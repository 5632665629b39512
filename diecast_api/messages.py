"""The texts of every problem, in English and Indonesian: one row for each code.

`{gaps}` are filled with the error's own data. The codes are the enum of the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

DEFAULT_LANGUAGE = "en"
LANGUAGES = (DEFAULT_LANGUAGE, "id")


class Texts(NamedTuple):
    """Title and detail of one code, in both languages."""

    title_en: str
    detail_en: str
    title_id: str
    detail_id: str


def problem_texts(code: str, language: str, data: Mapping[str, Any]) -> tuple[str, str]:
    """Title and detail of a code in a language."""
    texts = PROBLEMS[code]
    title, detail = (texts[2], texts[3]) if language == "id" else (texts[0], texts[1])
    return title, detail.format_map(_Gaps(data))


class _Gaps(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


PROBLEMS: dict[str, Texts] = {
    # Every request
    "malformed_request": Texts(
        "Malformed request",
        "The request could not be read. Send JSON in UTF-8.",
        "Permintaan rusak",
        "Permintaan tidak dapat dibaca. Kirim JSON dalam UTF-8.",
    ),
    "validation_error": Texts(
        "Invalid input",
        "Some fields are missing or wrong; see errors.",
        "Masukan tidak sah",
        "Ada isian yang kurang atau salah; lihat errors.",
    ),
    "not_authenticated": Texts(
        "Not signed in",
        "Sign in and send a valid access token.",
        "Belum masuk",
        "Masuklah dan kirim token akses yang masih berlaku.",
    ),
    "forbidden": Texts(
        "Not allowed",
        "Your account may not do this.",
        "Tidak diizinkan",
        "Akun Anda tidak boleh melakukan ini.",
    ),
    "not_found": Texts(
        "Not found",
        "There is nothing at this address for you.",
        "Tidak ditemukan",
        "Tidak ada apa pun di alamat ini untuk Anda.",
    ),
    "method_not_allowed": Texts(
        "Method not allowed",
        "This address does not take this method; see the Allow header.",
        "Metode tidak diizinkan",
        "Alamat ini tidak menerima metode tersebut; lihat header Allow.",
    ),
    "conflict": Texts(
        "Conflict",
        "The present state does not allow this.",
        "Konflik",
        "Keadaan saat ini tidak mengizinkannya.",
    ),
    "version_mismatch": Texts(
        "Changed meanwhile",
        "Somebody changed this since you read it. Read it again (version {version}), then retry.",
        "Sudah berubah",
        "Data ini sudah diubah orang lain. Baca lagi (versi {version}), lalu ulangi.",
    ),
    "too_large": Texts(
        "Too large",
        "The request has more bytes than are taken here.",
        "Terlalu besar",
        "Permintaan melebihi ukuran yang diterima di sini.",
    ),
    "unsupported_media_type": Texts(
        "Unsupported media type",
        "This kind of content is not taken here.",
        "Jenis konten tidak didukung",
        "Jenis konten ini tidak diterima di sini.",
    ),
    "rate_limited": Texts(
        "Too many requests",
        "Wait {retry_after} seconds, then try again.",
        "Terlalu banyak permintaan",
        "Tunggu {retry_after} detik, lalu coba lagi.",
    ),
    "internal_error": Texts(
        "Internal error",
        "Something went wrong on our side. Quote the request id when you ask us.",
        "Kesalahan di pihak kami",
        "Terjadi kesalahan di pihak kami. Sebutkan request id saat bertanya.",
    ),
    "service_unavailable": Texts(
        "Temporarily unavailable",
        "A needed part is down. Try again in {retry_after} seconds.",
        "Sementara tidak tersedia",
        "Bagian yang diperlukan sedang mati. Coba lagi dalam {retry_after} detik.",
    ),
    "database_unavailable": Texts(
        "Database unavailable",
        "The database does not answer. Nothing was changed; try again in {retry_after} seconds.",
        "Basis data tidak tersedia",
        "Basis data tidak menjawab. Tidak ada yang berubah; coba lagi dalam {retry_after} detik.",
    ),
    "storage_unavailable": Texts(
        "Object store unavailable",
        "Pictures cannot be stored now. Nothing was kept; try again in {retry_after} seconds.",
        "Penyimpanan tidak tersedia",
        "Gambar belum dapat disimpan, tidak ada yang tersimpan. "
        "Coba lagi dalam {retry_after} detik.",
    ),
    "idempotency_key_reused": Texts(
        "Idempotency key used before",
        "This key was used with another body. Make a new key for a new request.",
        "Kunci idempotensi sudah dipakai",
        "Kunci ini pernah dipakai dengan isi lain. Buat kunci baru untuk permintaan baru.",
    ),
    "idempotency_in_progress": Texts(
        "Still running",
        "The first request with this key is still running. Ask again in {retry_after} s.",
        "Masih berjalan",
        "Permintaan pertama dengan kunci ini masih berjalan. Coba lagi dalam {retry_after} detik.",
    ),
    # Accounts
    "email_taken": Texts(
        "Address in use",
        "An account with this e-mail address exists. Sign in instead.",
        "Alamat sudah dipakai",
        "Sudah ada akun dengan alamat surel ini. Silakan masuk.",
    ),
    "invalid_credentials": Texts(
        "Wrong e-mail address or password",
        "The e-mail address and the password do not belong together.",
        "Surel atau kata sandi salah",
        "Alamat surel dan kata sandi tidak cocok.",
    ),
    "token_reused": Texts(
        "Refresh token used before",
        "This refresh token was spent. The session is closed for safety; sign in again.",
        "Token penyegar sudah terpakai",
        "Token penyegar ini sudah dipakai. Sesi ditutup demi keamanan; masuklah lagi.",
    ),
    # Catalogue
    "sku_taken": Texts(
        "SKU in use",
        "Another product has the SKU {sku}.",
        "SKU sudah dipakai",
        "Produk lain memakai SKU {sku}.",
    ),
    "slug_taken": Texts(
        "Slug in use",
        "The slug {slug} is taken.",
        "Slug sudah dipakai",
        "Slug {slug} sudah dipakai.",
    ),
    "category_not_empty": Texts(
        "Category not empty",
        "The category still has products or categories below it.",
        "Kategori belum kosong",
        "Kategori masih memiliki produk atau kategori di bawahnya.",
    ),
    "category_cycle": Texts(
        "Category cycle",
        "A category cannot lie below itself.",
        "Kategori berputar",
        "Kategori tidak dapat berada di bawah dirinya sendiri.",
    ),
    "unsupported_image_type": Texts(
        "Not an image that is taken",
        "{filename} is not a JPEG, PNG or WebP image.",
        "Bukan gambar yang diterima",
        "{filename} bukan gambar JPEG, PNG, atau WebP.",
    ),
    "image_too_large": Texts(
        "Image too large",
        "{filename} has more than {max_bytes} bytes.",
        "Gambar terlalu besar",
        "{filename} lebih dari {max_bytes} bita.",
    ),
    "invalid_image": Texts(
        "Image cannot be used",
        "{filename} cannot be decoded, or has more than {max_pixels} pixels.",
        "Gambar tidak dapat dipakai",
        "{filename} tidak dapat dibaca, atau lebih dari {max_pixels} piksel.",
    ),
    # Carts and orders
    "out_of_stock": Texts(
        "Not enough stock",
        "Less is left than was asked for; see items.",
        "Stok tidak cukup",
        "Sisa stok kurang dari yang diminta; lihat items.",
    ),
    "insufficient_stock": Texts(
        "Not enough stock",
        "The correction would leave less than nothing: {available} in stock.",
        "Stok tidak cukup",
        "Koreksi ini membuat stok negatif: tersedia {available}.",
    ),
    "cart_empty": Texts(
        "Cart is empty",
        "There is nothing in the cart to order.",
        "Keranjang kosong",
        "Tidak ada isi keranjang untuk dipesan.",
    ),
    "cart_full": Texts(
        "Cart is full",
        "A cart holds at most {limit} different products.",
        "Keranjang penuh",
        "Keranjang memuat paling banyak {limit} produk berbeda.",
    ),
    "invalid_transition": Texts(
        "Move not allowed",
        "An order that is {order_status} cannot become {requested}.",
        "Perubahan tidak diizinkan",
        "Pesanan berstatus {order_status} tidak dapat menjadi {requested}.",
    ),
    "order_not_cancelable": Texts(
        "Order cannot be canceled",
        "The order is {order_status}; only a PENDING order can be canceled.",
        "Pesanan tidak dapat dibatalkan",
        "Pesanan berstatus {order_status}; hanya pesanan PENDING yang dapat dibatalkan.",
    ),
    # Payments
    "order_not_payable": Texts(
        "Order cannot be paid",
        "The order is {order_status}, or its time to pay is over.",
        "Pesanan tidak dapat dibayar",
        "Pesanan berstatus {order_status}, atau batas waktu bayarnya sudah lewat.",
    ),
    "gateway_error": Texts(
        "Payment gateway refused",
        "Midtrans did not accept the request. It is safe to try again.",
        "Gerbang pembayaran menolak",
        "Midtrans tidak menerima permintaan. Aman untuk dicoba lagi.",
    ),
    "gateway_unavailable": Texts(
        "Payment gateway unavailable",
        "Midtrans does not answer. It is safe to try again in {retry_after} seconds.",
        "Gerbang pembayaran tidak tersedia",
        "Midtrans tidak menjawab. Aman untuk dicoba lagi dalam {retry_after} detik.",
    ),
    "invalid_signature": Texts(
        "Wrong signature",
        "The notification is not signed with this shop's key.",
        "Tanda tangan salah",
        "Notifikasi tidak ditandatangani dengan kunci toko ini.",
    ),
    "malformed_notification": Texts(
        "Malformed notification",
        "A field of the notification is missing or of the wrong kind.",
        "Notifikasi rusak",
        "Ada isian notifikasi yang kurang atau salah jenis.",
    ),
}
