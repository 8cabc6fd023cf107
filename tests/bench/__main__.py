"""``make bench``: every measurement, one after the other, in processes of their own."""

import subprocess
import sys

BENCHES = {
    "prepare": "1 M profiles from SQL to finished bodies, against Polars writing the same JSON",
    "push": "100,000 contacts over HTTP, against other ways to push them",
    "rounds": "First and second pushes of 100,000 and of 1 M: every call, and the memory",
    "practice": "The practice Mailchimp alone: is it the bottleneck?",
    "app": "The app at 1.2 M profiles: start, pages, counts",
}


def main() -> None:
    """Run those named on the command line, or all."""
    for name in sys.argv[1:] or BENCHES:
        print(f"\n## {name}: {BENCHES[name]}\n", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=True)


if __name__ == "__main__":
    main()
