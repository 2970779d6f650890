"""The media process with every encoder and decoder mined: making one raises.

Run instead of `live.media.process` by the test that proves that media is forwarded and never
transcoded.
"""

import contextlib

import av
from aiortc import codecs
from aiortc.codecs import g711, g722, h264, opus, vpx

from live.media import process


def _mined(*_arguments: object, **_keywords: object) -> None:
    raise AssertionError("the media process made a codec")


class _Mined:
    def __init__(self, *_arguments: object, **_keywords: object) -> None:
        _mined()

    create = staticmethod(_mined)


def mine_codecs() -> None:
    """Make every way to a codec of aiortc and PyAV raise."""
    for module in (g711, g722, h264, opus, vpx):
        for name, member in vars(module).items():
            if isinstance(member, type) and name.endswith(("Encoder", "Decoder")):
                setattr(member, "__init__", _mined)  # noqa: B010 -- a type's own method
    for owner, name in (
        (codecs, "get_encoder"),
        (codecs, "get_decoder"),
        (av, "open"),
        (av, "AudioResampler"),
    ):
        setattr(owner, name, _mined)
    for owner in (av, av.codec, av.codec.context):
        setattr(owner, "CodecContext", _Mined)  # noqa: B010 -- not for a type checker to follow


def check_mines() -> None:
    """Raise unless they go off."""
    ways = (
        vpx.Vp8Decoder,
        vpx.Vp8Encoder,
        h264.H264Decoder,
        opus.OpusDecoder,
        lambda: codecs.get_decoder(codecs.CODECS["video"][0]),
        lambda: av.CodecContext.create("h264", "r"),
    )
    for way in ways:
        with contextlib.suppress(AssertionError):
            way()
            raise SystemExit(f"{way} is not mined")


if __name__ == "__main__":
    mine_codecs()
    check_mines()
    process.main()
