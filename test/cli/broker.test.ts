/** `kafkawire broker`, run as a program. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { parseBrokerOptions } from "../../src/cli/broker/broker-options.ts";
import { Kafka } from "../../src/client/kafka.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const running: Program[] = [];

class Program {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  output = "";
  #changed: () => void = () => {};

  constructor(...args: string[]) {
    const tsx = join(root, "node_modules/.bin/tsx");
    this.process = spawn(tsx, ["src/cli/main.ts", ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
        this.#changed();
      });
    }
    running.push(this);
  }

  /** Resolves with the first match once the output has one. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  async exitCode(): Promise<number | null> {
    const { process } = this;
    if (process.exitCode === null && process.signalCode === null) await once(process, "exit");
    return process.exitCode;
  }
}

afterEach(() => {
  for (const { process } of running.splice(0)) process.kill("SIGKILL");
});

describe("kafkawire broker", () => {
  it("serves, tells of its clients and what they ask, and stops when it is told to", async () => {
    const program = new Program("broker", "--port", "0", "--topic", "orders:2", "--brokers", "3");
    const [, servers = ""] = await program.says(/is ready at (\S+)/);
    expect(servers.split(",")).toHaveLength(3);
    {
      await using kafka = new Kafka({ bootstrapServers: servers.split(","), clientId: "billing" });
      await using producer = kafka.producer();
      await producer.send({ topic: "orders", partition: 1, value: "paid" });
    }
    await program.says(/kafkawire [\d.]+ went/);
    expect(program.output).toMatch(/Produce v\d+ {2}billing {2}orders-1 {2}\d+ B {2}\d+ ms/);
    program.process.kill("SIGINT");
    expect(await program.exitCode()).toBe(0);
    expect(program.output).toContain("SIGINT: stopping");
  });

  it.each([
    [["broker", "--topic", "orders:0"], "--topic is"],
    [["broker", "--nonsense"], "--nonsense"],
    [["nonsense"], "There is no command"],
  ])("says what is wrong with %j", async (args, message) => {
    const program = new Program(...args);
    expect(await program.exitCode()).toBe(2);
    expect(program.output).toContain(message);
  });
});

describe("the options of the command line", () => {
  it("have defaults", () => {
    expect(parseBrokerOptions([])?.cluster).toEqual({
      // How many brokers: one, or as many as the data directory has.
      port: 9092,
      as: "4.4",
      topics: {},
      configs: {},
      autoCreateTopics: true,
    });
  });

  it("are all read", () => {
    const text =
      "--port 0 --brokers 3 --topic a --topic b:2 --as 3.9 --config num.partitions=3 --no-auto-create";
    expect(parseBrokerOptions(text.split(" "))?.cluster).toEqual({
      port: 0,
      brokers: 3,
      as: "3.9",
      topics: { a: 1, b: 2 },
      configs: { "num.partitions": "3" },
      autoCreateTopics: false,
    });
  });

  it.each(["--port x", "--brokers 0", "--as 1.0", "--topic :3", "--config num.partitions"])(
    "refuse %s",
    (text) => {
      expect(() => parseBrokerOptions(text.split(" "))).toThrow(text.split(" ")[0]);
    },
  );
});
