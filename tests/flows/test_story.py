import subprocess
import sys

import pytest


@pytest.mark.slow
def test_the_story_of_the_manhole_cover_plays_to_its_end():
    told = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "story", "repair"],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert told.returncode == 0, told.stdout + told.stderr
    assert "演完了" in told.stdout
    assert told.stdout.count("服务站群：") == 7
