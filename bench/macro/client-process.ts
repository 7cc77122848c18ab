import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Launch } from "./launch.ts";
import type { Latencies, Spent } from "./worker.ts";

/** The longest that any single command may take. */
const ANSWER_TIMEOUT_MS = 120_000;

/** What does not come from the launch: see worker.ts and consume-worker.ts. */
type SetupByRun = object;

/** A client in a process of its own, spoken to as worker.ts and consume-worker.ts say. */
export class ClientProcess {
  readonly #child;
  readonly #lines: AsyncIterator<string>;

  private constructor({ command, args, packages, byDefault }: Launch, setup: SetupByRun) {
    this.#child = spawn(
      command,
      [...args, JSON.stringify({ ...setup, packages, byDefault: byDefault === true })],
      {
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Starts the process and waits until the client has connected. */
  static async start(launch: Launch, setup: SetupByRun): Promise<ClientProcess> {
    const started = new ClientProcess(launch, setup);
    await started.#answer();
    return started;
  }

  produce(count: number): Promise<Spent> {
    return this.ask<Spent>({ do: "produce", count });
  }

  oneByOne(count: number): Promise<Latencies> {
    return this.ask<Latencies>({ do: "one by one", count });
  }

  /** As `produce`, and writes a CPU profile of it. */
  profile(count: number, file: string): Promise<Spent> {
    return this.ask<Spent>({ do: "profile", count, file });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, "exit");
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5000);
    await closed;
    clearTimeout(timer);
  }

  ask<Answer extends object>(command: object): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    return this.#answer() as Promise<Answer>;
  }

  async #answer(): Promise<object> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), ANSWER_TIMEOUT_MS);
    try {
      // What a library prints is no answer of ours.
      for (;;) {
        const { value, done } = await this.#lines.next();
        if (done === true) throw new Error(`it ended: ${this.#child.exitCode ?? this.#child.signalCode}`);
        if (!value.startsWith("{")) continue;
        const answer = JSON.parse(value);
        if (answer.error !== undefined) throw new Error(answer.error);
        return answer;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
