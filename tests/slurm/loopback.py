"""A Slurm of one's own on loopback: munged, slurmctld and a slurmd per node, all on this machine.

For a process that isolated.enter() has given its own machine: nothing is taken down here.
"""

import os
import re
import subprocess
import time

PROGRAMS = {name: "slurm-wlm and munge" for name in ("munged", "slurmctld", "slurmd", "sbatch")}

# Each slurmd has its own host name and shared memory, so that Open MPI sees several nodes.
# Credentials expire after 5 s: a job that is queued again waits for that, 2 minutes by default.
CONF = """
ClusterName=loopback
SlurmctldHost=head(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={dir}/munge.sock,cred_expire=5
CredType=cred/munge
StateSaveLocation={dir}/state
SlurmdSpoolDir={dir}/spool/%n
TmpFS={dir}/tmp/%n
SlurmctldPidFile={dir}/slurmctld.pid
SlurmdPidFile={dir}/slurmd-%n.pid
SlurmctldLogFile={dir}/log/slurmctld
SlurmdLogFile={dir}/log/slurmd-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
TaskProlog={dir}/prolog
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=2,bf_interval=1,defer
SlurmdParameters=config_overrides
MpiDefault=pmix
ReturnToService=2
JobRequeue=1
MinJobAge=3600
EnforcePartLimits=ALL
KillWait=3
MessageTimeout=20
MailProg=/bin/true
NodeName=node[1-{nodes}] NodeHostname=node[1-{nodes}] NodeAddr=127.0.0.1 Port=[7001-700{nodes}] \
CPUs={cpus} Boards=1 SocketsPerBoard=1 CoresPerSocket={cpus} ThreadsPerCore=1 RealMemory=4096
PartitionName=main Nodes=node[1-{nodes}] Default=YES MaxTime=INFINITE State=UP
"""

PROLOG = """#!/bin/sh
echo export OMPI_MCA_btl_tcp_if_include=lo
echo export OMPI_MCA_oob_tcp_if_include=lo
"""

NODE = """hostname "$1"
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
exec slurmd -N "$1" -f "$SLURM_CONF"
"""


def hosts(nodes):
    """What /etc/hosts must say."""
    return "127.0.0.1 localhost head " + " ".join(f"node{i + 1}" for i in range(nodes)) + "\n"


class Slurm:
    """Starts when it is made; `nodes` nodes of `cpus` processors, whatever the machine has."""

    def __init__(self, nodes=2, cpus=8, directory="/run/slurm"):
        self.dir, self.nodes = directory, nodes
        for name in ("state", "log", *(f"{kind}/node{i + 1}" for kind in ("spool", "tmp")
                                       for i in range(nodes))):
            os.makedirs(os.path.join(directory, name))
        self._write("conf", CONF.format(dir=directory, nodes=nodes, cpus=cpus))
        self._write("prolog", PROLOG, mode=0o755)
        with open(self._path("munge.key"), "wb") as file:
            os.chmod(file.name, 0o600)
            file.write(os.urandom(128))
        os.environ["SLURM_CONF"] = self._path("conf")
        self._start("munged", "--key-file=" + self._path("munge.key"),
                    "--socket=" + self._path("munge.sock"), "--pid-file=" + self._path("munged.pid"),
                    "--log-file=" + self._path("log/munged"), "--seed-file=" + self._path("seed"))
        self._start("slurmctld", "-f", self._path("conf"))
        for i in range(nodes):
            self.start_node(f"node{i + 1}")
        self.wait_until_idle()

    def _path(self, name):
        return os.path.join(self.dir, name)

    def _write(self, name, text, mode=0o644):
        with open(self._path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(file.name, mode)

    def _start(self, *command):
        with open(self._path("log/started"), "a", encoding="utf-8") as log:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  timeout=60, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} did not start\n{self.logs()}")

    def start_node(self, node):
        self._start("unshare", "--uts", "--mount", "sh", "-c", NODE, "sh", node)

    def logs(self):
        text = ""
        for name in sorted(os.listdir(self._path("log"))):
            with open(self._path("log/" + name), encoding="utf-8", errors="replace") as file:
                text += f"--- {name}\n" + "".join(file.readlines()[-15:])
        return text

    @staticmethod
    def run(*command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
        return done.stdout

    def node_states(self):
        return [line.rstrip("*") for line in self.run("sinfo", "-h", "-N", "-o", "%T").split()]

    def wait_until_idle(self, seconds=30):
        end = time.monotonic() + seconds
        states = None
        while states != ["idle"] * self.nodes:
            if time.monotonic() > end:
                raise RuntimeError(f"the nodes are {states}\n{self.logs()}")
            time.sleep(0.2)
            try:
                states = self.node_states()
            except RuntimeError as error:  # slurmctld does not listen yet
                states = error

    def update_node(self, node, state):
        self.run("scontrol", "update", "nodename=" + node, "state=" + state, "reason=test")

    def resume_node(self, node):
        """A node that was set down may have come back by itself."""
        if self.run("sinfo", "-h", "-n", node, "-o", "%T").strip("*\n") in ("down", "drained"):
            self.update_node(node, "resume")

    def job(self, number):
        """What Slurm knows of a job (or "7_2", an element of an array): JobState, Restarts, ..."""
        told = self.run("scontrol", "show", "job", "-o", number)
        return dict(re.findall(r"(?:^| )([A-Za-z:/]+)=(\S*)", told.splitlines()[0]))

    def wait_for(self, number, state, seconds=120):
        """Until the job is in that state; throws when it ends in another one."""
        end = time.monotonic() + seconds
        while (found := self.job(number))["JobState"] != state:
            ended = found["JobState"] in ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT")
            if ended or time.monotonic() > end:
                raise AssertionError(f"job {number} is {found['JobState']}, not {state}: {found}")
            time.sleep(0.2)
        return found
