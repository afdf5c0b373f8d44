"""The limits under which a process of ours reads bytes that come from outside."""

import resource

MEBIBYTE = 1024 * 1024
MEMORY_BYTES = 768 * MEBIBYTE
MEMORY_PER_BYTE = 4  # ファイルを割り付ける二つの読み手と、一つの大きな流れの写しと、整えたもの
CPU_SECONDS = 60
ROOM_TO_WRITE = 64 * MEBIBYTE


def limit(size: int) -> None:
    """Hold this process, and what it starts, to the memory, time and room that a file of so many bytes may take."""
    memory, file = MEMORY_BYTES + MEMORY_PER_BYTE * size, ROOM_TO_WRITE + 2 * size
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file, file))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
