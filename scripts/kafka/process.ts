import { spawn } from "node:child_process";
import { KafkaRunnerError } from "./errors.ts";

export interface RunOptions {
  readonly cwd?: string;
  /** Written to the command's stdin, which is then closed. */
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

export interface RunResult {
  /** The exit code, or null when a signal ended the command. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** How long a command that was told to end (SIGTERM) may take before it is killed. */
const TERMINATION_GRACE_MS = 5_000;

/**
 * Runs a command to its end. Rejects when it cannot be started, when `signal` aborts (with its reason) and
 * when `timeoutMs` pass, in the latter two only after the command is really gone, so that the caller may
 * delete what it was writing. An exit code other than 0 is the caller's to judge.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  // A command may end without reading its input (EPIPE); its exit code says whether that was wrong.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input);

  let failure: unknown;
  let killTimer: NodeJS.Timeout | undefined;
  const terminate = (reason: unknown) => {
    if (failure !== undefined) return;
    failure = reason;
    child.kill("SIGTERM");
    killTimer = setTimeout(() => child.kill("SIGKILL"), TERMINATION_GRACE_MS);
  };
  const onAbort = () => terminate(options.signal?.reason);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const { timeoutMs } = options;
  const timeout =
    timeoutMs === undefined
      ? undefined
      : setTimeout(
          () =>
            terminate(new KafkaRunnerError(`${command} did not end within ${timeoutMs} ms and was stopped`)),
          timeoutMs,
        );

  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", (cause) => {
        reject(new KafkaRunnerError(`could not run ${command}: ${cause.message}`, { cause }));
      });
      child.once("close", resolve);
    });
    if (failure !== undefined) throw failure;
    return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString("utf8") };
  } finally {
    clearTimeout(timeout);
    clearTimeout(killTimer);
    options.signal?.removeEventListener("abort", onAbort);
  }
}

/** Waits, or rejects with the signal's reason as soon as it aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** The last lines of a text, for an error message. */
export function tail(text: string, lines: number): string {
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}
