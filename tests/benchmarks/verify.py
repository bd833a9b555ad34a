"""A thousand packets verified in bulk, against `openssl cms -verify` and `sha256sum --check` on each.

The floor is what somebody would type in a shell, on packets that lie there unpacked already. It looks at less: neither
at added files, nor at the record, the assignment or the receipt, and not at who may sign for what.
"""

import contextlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness import Measure, seconds

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "packets"))

from building import NOW, Laboratory, a_review

from assessor_desk.domain.submission import review_id
from assessor_desk.packets.receiving import add_receipt

PACKETS, DIFFERENT = 1000, 20
LOOP = """
for one in */; do
    cd "$one"
    openssl cms -verify -cades -binary -inform DER -in signatures/assessor-1.p7s -content tagmanifest-sha256.txt \
        -CAfile "$1" -crl_check_all -attime "$2" -out /dev/null 2>/dev/null || exit 1
    sha256sum --check --quiet tagmanifest-sha256.txt manifest-sha256.txt || exit 1
    cd ..
done
"""


@contextlib.contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """Receipted packets of one assessor: some different ones, copied until they are a thousand."""
    laboratory = Laboratory(folder / "laboratory")
    zipped, unpacked = folder / "zipped", folder / "unpacked"
    zipped.mkdir()
    for number in range(DIFFERENT):
        own_id = review_id("A-1184", f"as-{number}", 1)
        packet = laboratory.packet(lambda facts, own=own_id: replace(facts, review=a_review(own)))
        add_receipt(packet, laboratory.receipt(packet))
        for copy in range(PACKETS // DIFFERENT):
            name = f"{number:02}-{copy:02}"
            shutil.copy(packet.path, zipped / f"{name}.zip")
            with zipfile.ZipFile(packet.path) as archive:
                archive.extractall(unpacked)
            (unpacked / packet.path.stem).rename(unpacked / name)
    trust = laboratory.trust()

    def floor() -> None:
        shell = ["bash", "-c", LOOP, "loop", str(trust), str(int(NOW.timestamp()))]
        assert subprocess.run(shell, cwd=unpacked).returncode == 0

    def ours() -> None:
        command = [sys.executable, "-m", "assessor_desk", "verify", zipped, "--trust", trust]
        done = subprocess.run([*command, "--csv", folder / "verdicts.csv"], capture_output=True, text=True)
        assert done.stdout.startswith(f"{PACKETS} of {PACKETS} hold."), done.stdout + done.stderr

    name = "1,000 packets verified / openssl and sha256sum"
    yield [Measure(name, lambda: seconds(floor), lambda: seconds(ours), 1.0, 3)]
