"""A real Slurm of three nodes on this machine, for tests: slurmctld and three slurmd from Debian's packages.

Everything it writes is in one folder: configuration, munge's key and socket, state, logs. Where a Slurm is configured
already it refuses. Needs root, for munged and slurmd do; the Debian packages slurm-wlm and munge.
"""

import os
import shutil
import signal
import socket
import subprocess
import time

PACKAGES = ("slurm-wlm", "munge")
PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "srun", "scontrol", "squeue")
NODES = ("n1", "n2", "n3")
CONFIGURATION = """
ClusterName=polylex
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
TaskProlog={folder}/task-prolog
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd-%n.log
ReturnToService=2
MinJobAge=86400
KillWait=20
JobRequeue=1
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE OverSubscribe=NO State=UP
"""
# Each node has a disk of its own, as the site's prolog of a real cluster would give it.
PROLOG = """#!/bin/sh
mkdir -p "{folder}/disk/$SLURMD_NODENAME"
echo "export SLURM_TMPDIR={folder}/disk/$SLURMD_NODENAME"
"""


class CannotRun(Exception):
    """Why there can be no Slurm for tests on this machine."""


class LocalSlurm:
    def __init__(self, folder):
        """folder: empty, all users may enter it."""
        self.folder = folder
        self.environment = dict(os.environ, SLURM_CONF=f"{folder}/slurm.conf")

    @staticmethod
    def require():
        """Installs the packages if they are not here. Raises CannotRun."""
        for path in ("/etc/slurm/slurm.conf", "/etc/slurm-llnl/slurm.conf"):
            if os.path.lexists(path):
                raise CannotRun(f"{path} is there: a Slurm is configured on this machine and is left alone")
        if os.environ.get("SLURM_CONF") or os.environ.get("SLURM_JOB_ID"):
            raise CannotRun("SLURM_CONF or SLURM_JOB_ID is set: a Slurm is configured here and is left alone")
        if os.geteuid() != 0:
            raise CannotRun("slurmd and munged want to be started by root")
        if all(shutil.which(program) for program in PROGRAMS):
            return
        result = subprocess.run(
            ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, env=dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        ) if shutil.which("apt-get") else None
        if result is None or result.returncode or not all(shutil.which(program) for program in PROGRAMS):
            last = result.stdout.strip().split("\n")[-1] if result and result.stdout else "no apt-get here"
            raise CannotRun(f"the Debian packages {' and '.join(PACKAGES)} cannot be installed: {last}")

    def start(self):
        folder = self.folder
        for name in ("munge", "state", "log", "disk", *(f"spool/{node}" for node in NODES)):
            os.makedirs(f"{folder}/{name}")
        self._start_munge()
        ports = free_ports(1 + len(NODES))
        nodes = "\n".join(
            f"NodeName={node} NodeHostname={socket.gethostname().split('.')[0]} NodeAddr=127.0.0.1 Port={port} CPUs=1 "
            "RealMemory=500 State=UNKNOWN" for node, port in zip(NODES, ports[1:]))
        with open(f"{folder}/task-prolog", "w") as file:
            file.write(PROLOG.format(folder=folder))
        os.chmod(f"{folder}/task-prolog", 0o755)
        with open(f"{folder}/slurm.conf", "w") as file:
            file.write(CONFIGURATION.format(
                folder=folder, host=socket.gethostname().split(".")[0], controller=ports[0], nodes=nodes))
        self.run("slurmctld", "-c", "-f", f"{folder}/slurm.conf")
        for node in NODES:
            self.start_node(node)
        idle = ("sinfo", "-h", "-t", "idle", "-o", "%D")
        self.wait(lambda: self.run(*idle).strip() == str(len(NODES)), 30, "idle nodes")

    def _start_munge(self):
        # munged wants a user of its own and files that nobody else can write.
        munge = f"{self.folder}/munge"
        with open(f"{munge}/key", "wb") as file:
            file.write(os.urandom(1024))
        os.chmod(f"{munge}/key", 0o400)
        subprocess.run(["chown", "-R", "munge:", munge], check=True)
        os.chmod(munge, 0o755)
        self.run(
            "runuser", "-u", "munge", "--", "munged", f"--key-file={munge}/key", f"--socket={munge}/socket",
            f"--pid-file={munge}/pid", f"--log-file={munge}/log", f"--seed-file={munge}/seed", "--num-threads=2")
        self.wait(lambda: os.path.exists(f"{munge}/socket"), 10, "munged")

    def start_node(self, node):
        # slurmd looks like the other nodes' but for this mark, which what it starts inherits.
        self.run("slurmd", "-N", node, "-f", f"{self.folder}/slurm.conf", environment={"POLYLEX_NODE": node})

    def run(self, *arguments, environment={}):
        """-> standard output."""
        result = subprocess.run(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
            env=dict(self.environment, **environment))
        if result.returncode:
            raise AssertionError(f"{' '.join(arguments)} exited with {result.returncode}: {result.stderr}{self.log()}")
        return result.stdout

    def log(self):
        lines = []
        for name in sorted(os.listdir(f"{self.folder}/log")):
            with open(f"{self.folder}/log/{name}", errors="replace") as file:
                lines += [f"{name}: {line}" for line in file.read().split("\n")[-12:]]
        return "\n".join(["", *lines])

    def wait(self, condition, seconds, what):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"no {what} after {seconds} s{self.log()}")
            time.sleep(0.05)

    def tasks(self):
        """-> [(job, node, state, reason)] of all tasks that are not over; job as scontrol takes it."""
        lines = self.run("squeue", "-h", "-r", "-o", "%i|%N|%T|%r").split("\n")
        return [tuple(line.split("|")) for line in lines if line]

    def hasten(self):
        """What was requeued would wait for two minutes."""
        for job, _, state, reason in self.tasks():
            if state == "PENDING" and reason in ("BeginTime", "JobHeldUser"):
                subprocess.run(
                    ["scontrol", "update", f"JobId={job}", "StartTime=now"], env=self.environment,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_node(self, node):
        """As a power cut: slurmd, what it has started and the jobs' processes at once; then the node is down.
        -> how many processes that was."""
        killed = 0
        for _ in range(3):
            for process in self._processes():
                variables = environment_of(process)
                if f"SLURM_CONF={self.folder}/slurm.conf" not in variables:
                    continue
                if f"POLYLEX_NODE={node}" in variables or f"SLURMD_NODENAME={node}" in variables:
                    try:
                        os.kill(process, signal.SIGKILL)
                        killed += 1
                    except ProcessLookupError:
                        pass
        self.run("scontrol", "update", f"nodename={node}", "state=down", "reason=killed")
        return killed

    @staticmethod
    def _processes():
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]

    def stop(self):
        """Ends all that was started here and waits for it."""
        for _ in range(100):
            own = [process for process in self._processes() if self.is_own(process)]
            if not own:
                return
            for process in own:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.1)

    def is_own(self, process):
        variables = environment_of(process)
        if f"SLURM_CONF={self.folder}/slurm.conf" in variables:
            return True
        try:
            with open(f"/proc/{process}/cmdline", "rb") as file:
                return f"--socket={self.folder}/munge/socket".encode() in file.read().split(b"\0")
        except OSError:
            return False


def environment_of(process):
    try:
        with open(f"/proc/{process}/environ", "rb") as file:
            return file.read().decode(errors="replace").split("\0")
    except OSError:
        return []


def free_ports(count):
    """Ports nobody listens at now."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports
