"""Sound and video: decoded in a worker process, handed to the window as pictures and PCM.

client      `MediaHandle`, the window's side of one recording being played; `probe`, its facts alone
worker      the process that reads a hostile file, and its lanes
recording   opening a recording, its facts, and whether all of it is there
pictures    frames by time: exact seeks and steps
sounds      PCM by time, at any rate, pitch kept
survey      the waveform and the captions inside a recording
captions    captions beside a recording
ring        the memory in which pictures cross
"""

from assessor_desk.artifacts.media.client import MediaClient, MediaHandle, open_media

__all__ = ["MediaClient", "MediaHandle", "open_media"]
