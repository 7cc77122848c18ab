import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { KafkaRunnerError } from "./errors.ts";

/**
 * A tiny shell that reads a pipe from us. When the pipe ends without `release`, we are dead, killed with
 * SIGKILL perhaps: it kills the processes it was told of and deletes the directory. It ignores the signals
 * of a terminal, which would otherwise end it together with us.
 *
 * The directory is deleted more than once, since dying processes may still write into it.
 */
const GUARD_SCRIPT = `
trap '' INT TERM HUP
pids=
while read -r verb pid; do
  case $verb in
    add) pids="$pids $pid" ;;
    remove)
      kept=
      for p in $pids; do [ "$p" = "$pid" ] || kept="$kept $p"; done
      pids=$kept ;;
    release) exit 0 ;;
  esac
done
[ -z "$pids" ] || kill -9 $pids 2>/dev/null
for attempt in 1 2 3 4 5; do
  rm -rf -- "$1" 2>/dev/null
  [ -e "$1" ] || exit 0
  sleep 1
done
`;

/** Waits for a line before it becomes the command, so that nothing runs that the guard does not know. */
const GATE_SCRIPT = 'read -r go && exec "$@" </dev/null';

/** Sees to it that child processes and their directory do not outlive this process, however it ends. */
export class Guard {
  readonly #shell: ChildProcess;
  readonly #pipe: Writable;
  readonly #children = new Set<ChildProcess>();
  #failure: Error | undefined;
  #closed = false;

  private constructor(shell: ChildProcess, pipe: Writable) {
    this.#shell = shell;
    this.#pipe = pipe;
    // Kept for the next #tell, which rejects with it.
    pipe.on("error", (error) => {
      this.#failure = error;
    });
  }

  static async over(directory: string): Promise<Guard> {
    const shell = spawn("/bin/sh", ["-c", GUARD_SCRIPT, "kafka-guard", directory], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    const { stdin } = shell;
    await started(shell, "/bin/sh");
    shell.unref();
    unrefStream(stdin);
    return new Guard(shell, stdin);
  }

  /**
   * Starts a command under the guard, with stdout and stderr going to an open file. It is in a session of its
   * own, so that Ctrl-C reaches only us, who end it in good order.
   */
  async spawn(command: string, args: readonly string[], output: number): Promise<ChildProcess> {
    const child = spawn("/bin/sh", ["-c", GATE_SCRIPT, "kafka-gate", command, ...args], {
      stdio: ["pipe", output, output],
      detached: true,
    });
    const { stdin } = child;
    if (stdin === null) throw new Error("a child that was given a pipe has none");
    // The child may be killed before it read the line; its exit tells that.
    stdin.on("error", () => {});
    await started(child, "/bin/sh");
    const { pid } = child;
    this.#children.add(child);
    child.once("exit", () => {
      this.#children.delete(child);
      // Should this fail, the guard is gone, which the next spawn or release reports.
      if (!this.#pipe.destroyed) this.#tell(`remove ${pid}`).catch(() => {});
    });
    try {
      if (this.#closed)
        throw new KafkaRunnerError("the cluster is being closed, so nothing is started any more");
      await this.#tell(`add ${pid}`);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
    stdin.end("go\n");
    child.unref();
    return child;
  }

  /** Kills what still runs and waits until it is gone. Nothing can be started afterwards. */
  async killAll(): Promise<void> {
    this.#closed = true;
    const gone = [...this.#children].map(exited);
    for (const child of this.#children) child.kill("SIGKILL");
    await Promise.all(gone);
  }

  /** Lets go of the processes and the directory: they are gone already, or shall outlive us. */
  async release(): Promise<void> {
    if (this.#shell.exitCode !== null || this.#shell.signalCode !== null) return;
    const exited = once(this.#shell, "exit");
    this.#shell.ref();
    await this.#tell("release");
    await exited;
    this.#pipe.destroy();
  }

  async #tell(line: string): Promise<void> {
    const failure = this.#failure ?? (await this.#write(line));
    if (failure != null) {
      throw new KafkaRunnerError(
        `the guard process ${this.#shell.pid} of the cluster is gone (${failure.message}): stop killing it, or start the cluster again`,
        { cause: failure },
      );
    }
  }

  #write(line: string): Promise<Error | null | undefined> {
    return new Promise((resolve) => this.#pipe.write(`${line}\n`, resolve));
  }
}

/** Waits until a child is gone, and meanwhile keeps this process alive, which an unref'd child does not. */
export async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  await once(child, "exit");
}

async function started(child: ChildProcess, command: string): Promise<void> {
  try {
    await once(child, "spawn");
  } catch (cause) {
    throw new KafkaRunnerError(
      `could not start ${command}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** A pipe to a child is a socket, whose handle would otherwise keep this process alive. */
function unrefStream(stream: Writable): void {
  if ("unref" in stream && typeof stream.unref === "function") stream.unref();
}
