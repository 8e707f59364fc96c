"""What the server demands of a photo: a picture, under 10 MB, of sane proportions."""

from sandbox.telegram.errors import bad_request

PHOTO_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_SIDES_SUM = 10_000
MAX_RATIO = 20

_PNG = b"\x89PNG\r\n\x1a\n"
_OTHERS = (b"\xff\xd8\xff", b"GIF8", b"RIFF")
_USUAL_SIZE = (800, 600)


def picture_size(data: bytes) -> tuple[int, int]:
    """Return (width, height) in pixels; real for PNG, a usual size for other formats."""
    if len(data) > MAX_PHOTO_BYTES:
        raise bad_request("file is too big")
    if data.startswith(_PNG):
        return _checked(int.from_bytes(data[16:20]), int.from_bytes(data[20:24]))
    if not data.startswith(_OTHERS):
        raise bad_request("IMAGE_PROCESS_FAILED")
    return _USUAL_SIZE


def _checked(width: int, height: int) -> tuple[int, int]:
    shorter, longer = sorted((width, height))
    if shorter == 0 or width + height > MAX_SIDES_SUM or longer > MAX_RATIO * shorter:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return width, height
