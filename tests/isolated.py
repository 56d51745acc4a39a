"""A machine of one's own for a test: processes, network, host name, mounts and /run.

What is started there ends with the test, however that ends, and no port, mount or file outlives it.
Needs root and util-linux; without them the test is skipped, with status 77.
"""

import os
import shutil
import subprocess
import sys

SKIPPED = 77
MARK = "MREC_ISOLATED"
UNSHARE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--net", "--uts", "--ipc"]


def skip(why):
    print("skipped:", why)
    sys.exit(SKIPPED)


def enter(programs, hosts="127.0.0.1 localhost head\n"):
    """Goes on in such a machine, whose host name is `head` and whose /etc/hosts says `hosts`.

    `programs` are what the test needs: {"slurmd": "apt-get install slurm-wlm"}. The working
    directory is /run/work, empty, in memory.
    """
    if os.environ.get(MARK) != "1":
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        for program, remedy in {"unshare": "util-linux", "ip": "iproute2", **programs}.items():
            if not shutil.which(program):
                skip(f"there is no {program}; install {remedy}")
        if os.geteuid() != 0:
            skip("this test starts daemons and makes namespaces: it needs root")
        tried = subprocess.run([*UNSHARE, "true"], capture_output=True, text=True, check=False)
        if tried.returncode != 0:
            skip("no namespaces are to be had here: " + tried.stderr.strip())
        os.environ[MARK] = "1"
        os.execvp("unshare", [*UNSHARE, sys.executable, *sys.argv])

    # The first process here is the parent of all that lose theirs. When it ends, all end.
    child = os.fork()
    while child != 0:
        pid, status = os.wait()
        if pid == child:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)

    def call(*command):
        subprocess.run(command, check=True)

    call("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    call("ip", "link", "set", "lo", "up")
    # With 127.0.0.1 alone the resolver thinks that there is no network, and resolves nothing.
    call("ip", "address", "add", "192.0.2.1/32", "dev", "lo")
    call("hostname", "head")
    with open("/run/hosts", "w", encoding="utf-8") as file:
        file.write(hosts)
    call("mount", "--bind", "/run/hosts", "/etc/hosts")
    os.mkdir("/run/work")
    os.chdir("/run/work")
    os.mkdir("/run/tmp")
    os.environ["TMPDIR"] = "/run/tmp"
    for part in ("oob", "btl"):  # Open MPI leaves the loopback out unless it is told
        os.environ[f"OMPI_MCA_{part}_tcp_if_include"] = "lo"
