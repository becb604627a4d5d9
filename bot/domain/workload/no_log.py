"""Telling a log from what the kubelet says where there is none: it answers with its own sentence, as if that were the
log."""

from __future__ import annotations

import re

_INSTEAD = re.compile(
    r"unable to retrieve container logs for \S"
    r"|failed to try resolving symlinks in path"
    r"|failed to (?:open|stat|watch|reopen) (?:the )?(?:container )?log file"
    r"|failed to create fsnotify watcher"
    r"|rpc error: code = \w+ desc = .{0,200}\b(?:container|sandbox)\b"
    r"|Error from server\b|error from daemon in stream:"
    r"|(?:previous terminated )?container \S{1,300} in pod \S{1,300} (?:not found|is (?:waiting|terminated|not))"
    r"|(?:Error: )?No such container\b"
    r"|the server could not find the requested resource"
    r'|(?:proxy error from \S{1,100} while dialing |Get )"?https?://\S{1,500}/containerLogs/',
    re.IGNORECASE,
)
"""Of kubelet's `kuberuntime_container.go` and `logs.go`, containerd, Docker and the API server's proxy."""
_MOST_LINES = 3


def log_of(text: str) -> str:
    """The text, unless all of it is somebody's excuse for having no log; then nothing."""
    lines = [line for line in text[:2000].splitlines() if line.strip()]
    if len(lines) > _MOST_LINES or len(text) > 2000:
        return text
    return "" if all(_INSTEAD.match(line.strip()) for line in lines) else text
