"""Files that calls bring along, or name by id."""

from sandbox.telegram.errors import bad_request
from sandbox.telegram.model import StoredFile
from sandbox.telegram.params import Params, Upload
from sandbox.telegram.pictures import picture_size
from sandbox.telegram.world import World


def read_file(world: World, params: Params, kind: str, reference: str = "") -> StoredFile:
    """Keep uploaded bytes, or look up a file id; nothing is fetched from the network.

    `kind` is photo or document, and the parameter's name unless `reference` (an id or
    attach://name) is given. Raises ApiError 400.
    """
    upload = params.attached(reference) if reference else params.upload(kind)
    if upload is None:
        return _known_file(world, reference or params.text(kind), kind)
    return keep_upload(world, upload, kind)


def keep_upload(world: World, upload: Upload, kind: str) -> StoredFile:
    if not upload.data:
        raise bad_request("file must be non-empty")
    size = picture_size(upload.data) if kind == "photo" else (0, 0)
    return world.keep_file(upload.name, upload.data, upload.content_type, size)


def _known_file(world: World, reference: str, kind: str) -> StoredFile:
    if not reference or reference.startswith("attach://"):
        raise bad_request(f"there is no {kind} in the request")
    file = world.files.get(reference)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if bool(file.width) != (kind == "photo"):
        raise bad_request("type of file mismatch")
    return file
