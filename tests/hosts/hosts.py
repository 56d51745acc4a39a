"""Several hosts on one machine: network namespaces joined by a bridge, with real TCP between them.

For a process that isolated.enter() has given its own machine: nothing is taken down here.
"""

import os
import re
import subprocess

PROGRAMS = {"tc": "iproute2", "mpirun": "openmpi-bin"}
NETWORK = "10.77.0."


def names(count):
    return [f"host{i + 1}" for i in range(count)]


def table(count):
    """What /etc/hosts must say."""
    return "127.0.0.1 localhost head\n" + "".join(
        f"{NETWORK}{i + 1} {name}\n" for i, name in enumerate(names(count)))


# What mpirun calls in place of ssh: [options] HOST COMMAND, where COMMAND is a line of shell. A
# variable such as shm_host2 says how large that host's /dev/shm is.
AGENT = """#!/bin/sh
while [ "${1#-}" != "$1" ]; do shift; done
host=$1
shift
exec ip netns exec "$host" unshare --uts --mount sh -c "hostname $host
mount -t tmpfs -o mode=1777,size=$(printenv "shm_$host" || echo 50%) tmpfs /dev/shm
$*"
"""


class Hosts:
    """host1, host2, ...: each its own name, address and shared memory. mpirun runs on the first."""

    def __init__(self, count=2, directory="/run/hosts.d"):
        self.count = count
        os.mkdir(directory)
        self._agent = os.path.join(directory, "agent")
        with open(self._agent, "w", encoding="utf-8") as file:
            file.write(AGENT)
        os.chmod(self._agent, 0o755)
        self.ip("link", "add", "bridge", "type", "bridge")
        self.ip("link", "set", "bridge", "up")
        for i, name in enumerate(names(count)):
            self.ip("netns", "add", name)
            self.ip("link", "add", self.port(name), "type", "veth", "peer", "name", "eth0", "netns",
                    name)
            self.ip("link", "set", self.port(name), "master", "bridge", "up")
            self.ip("-n", name, "link", "set", "lo", "up")
            self.ip("-n", name, "address", "add", f"{NETWORK}{i + 1}/24", "dev", "eth0")
            self.ip("-n", name, "link", "set", "eth0", "up")

    @staticmethod
    def ip(*arguments):
        return subprocess.run(["ip", *arguments], capture_output=True, text=True, check=True,
                              timeout=30).stdout

    @staticmethod
    def port(name):
        """The bridge's end of the host's cable."""
        return "to-" + name

    def bytes_sent(self):
        """[hosts] over the cable, with all headers, since the beginning."""
        counted = []
        for name in names(self.count):
            told = self.ip("-n", name, "-s", "link", "show", "eth0")
            counted.append(int(re.search(r"TX:.*\n\s*(\d+)", told)[1]))
        return counted

    def shape(self, rate):
        """So many bits per second from each host, such as "100mbit"; None: as many as there are."""
        for name in names(self.count):
            command = ["tc", "-n", name, "qdisc"]
            if rate:
                command += ["replace", "dev", "eth0", "root", "tbf", "rate", rate, "burst", "64kb",
                            "latency", "400ms"]
            else:
                command += ["del", "dev", "eth0", "root"]
            subprocess.run(command, check=True, timeout=30)

    def cut_off(self, name):
        self.ip("link", "set", self.port(name), "down")

    def join(self, name):
        self.ip("link", "set", self.port(name), "up")

    def mpirun(self, ranks, *options):
        """The beginning of a command that starts ranks on all hosts in turn, to be run here."""
        hosts = ",".join(f"{name}:16" for name in names(self.count))
        return [self._agent, "host1", "exec", "mpirun", "--host", hosts, "-np", str(ranks), "--map-by",
                "node", "--mca", "plm_rsh_agent", self._agent, "--mca", "btl", "self,vader,tcp",
                "--mca", "btl_tcp_if_include", "eth0", "--mca", "oob_tcp_if_include", "eth0", *options]
