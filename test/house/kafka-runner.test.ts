import { mkdtemp, rm, stat, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseArguments } from "../../scripts/kafka/args.ts";
import {
  brokerProperties,
  type ClusterPlan,
  formatArguments,
  type NodePlan,
  renderProperties,
} from "../../scripts/kafka/config.ts";
import { UsageError } from "../../scripts/kafka/errors.ts";
import { withLock } from "../../scripts/kafka/lock.ts";
import { chooseFreePorts } from "../../scripts/kafka/ports.ts";
import { fetchClusterView } from "../../scripts/kafka/probe.ts";
import { run } from "../../scripts/kafka/process.ts";
import { nearest } from "../../scripts/kafka/suggest.ts";
import { javaMajorVersion } from "../../scripts/kafka/tools.ts";
import { checkKafkaVersion, compareVersions, needsZooKeeper } from "../../scripts/kafka/versions.ts";

describe("arguments", () => {
  it("fills in the defaults", () => {
    expect(parseArguments(["up"])).toEqual({
      command: "up",
      options: {
        name: "4.4.0-x1",
        kafkaVersion: "4.4.0",
        brokers: 1,
        security: "plaintext",
        autoCreateTopics: false,
        properties: {},
        foreground: false,
      },
    });
  });

  it("takes every option of up, with a space or an equals sign", () => {
    const args =
      "up --kafka-version 3.9.1 --brokers=3 --security sasl_ssl --auto-create-topics true --foreground";
    expect(parseArguments([...args.split(" "), "--property", "a.b=c=d", "--property=e="])).toEqual({
      command: "up",
      options: {
        name: "3.9.1-x3-sasl_ssl",
        kafkaVersion: "3.9.1",
        brokers: 3,
        security: "sasl_ssl",
        autoCreateTopics: true,
        properties: { "a.b": "c=d", e: "" },
        foreground: true,
      },
    });
  });

  it("reads down, status and help", () => {
    expect(parseArguments(["down"])).toEqual({ command: "down", name: undefined, all: false });
    expect(parseArguments(["down", "--name", "x"])).toEqual({ command: "down", name: "x", all: false });
    expect(parseArguments(["down", "--all"])).toEqual({ command: "down", name: undefined, all: true });
    expect(parseArguments(["status", "--json"])).toEqual({ command: "status", json: true });
    for (const args of [[], ["help"], ["up", "--help"], ["-h"]]) {
      expect(parseArguments(args)).toEqual({ command: "help" });
    }
  });

  it.each([
    ["upp", 'unknown command "upp" (did you mean up?)'],
    ["up --borkers 3", 'up has no option "--borkers" (did you mean --brokers?)'],
    ["up --xyz", 'up has no option "--xyz"'],
    ["up --brokers", "--brokers needs a value"],
    ["up --brokers --foreground", "--brokers needs a value"],
    ["up --brokers 2", '--brokers cannot be "2"'],
    ["up --security sasl-ssl", "did you mean sasl_ssl?"],
    ["up --kafka-version 4.4", "three numbers"],
    ["up --kafka-version 2.0.1", "too old"],
    ["up --kafka-version 3.5.0", "choose one from 2.1.0 to 2.8, or 3.9.0 or later"],
    ["up --foreground=yes", "--foreground takes no value"],
    ["up --property num.io.threads", "KEY=VALUE"],
    ["up --name ../x", "cannot name a cluster"],
    ["down --name x --all", "not both"],
    ["down 4.4.0-x1", 'down has no option "4.4.0-x1"'],
  ])("refuses %s", (line, message) => {
    const parse = () => parseArguments(line.split(" "));
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
  });

  it("suggests nothing that is far off", () => {
    expect(nearest("--partitions", ["--name", "--all"])).toBeUndefined();
  });
});

describe("configuration", () => {
  it("makes one node a quorum of its own", () => {
    const plan = planOf("4.4.0", 1);
    const properties = brokerProperties(plan, nodeOf(plan, 0));
    expect(properties).toMatchObject({
      "process.roles": "broker,controller",
      "node.id": "1",
      "controller.quorum.bootstrap.servers": "127.0.0.1:2001",
      listeners: "PLAINTEXT://127.0.0.1:1001,CONTROLLER://127.0.0.1:2001",
      "advertised.listeners": "PLAINTEXT://127.0.0.1:1001",
      "inter.broker.listener.name": "PLAINTEXT",
      "offsets.topic.replication.factor": "1",
      "transaction.state.log.min.isr": "1",
      "auto.create.topics.enable": "false",
    });
    expect(formatArguments(plan, nodeOf(plan, 0))).toEqual([
      ...["format", "--cluster-id", "cluster", "--config", "/c/node-1/server.properties"],
      ...["--initial-controllers", "1@127.0.0.1:2001:dir-1"],
    ]);
  });

  it("names the voters in the properties of 3.9", () => {
    const plan = planOf("3.9.1", 3);
    const properties = brokerProperties(plan, nodeOf(plan, 1));
    expect(properties).toMatchObject({
      "node.id": "2",
      "controller.quorum.voters": "1@127.0.0.1:2001,2@127.0.0.1:2002,3@127.0.0.1:2003",
      "default.replication.factor": "3",
      "offsets.topic.replication.factor": "3",
      "transaction.state.log.min.isr": "2",
    });
    expect(properties).not.toHaveProperty("controller.quorum.bootstrap.servers");
    expect(formatArguments(plan, nodeOf(plan, 1))).not.toContain("--initial-controllers");
  });

  it("leads brokers of Kafka 2 to their ZooKeeper, without a controller of their own", () => {
    const sasl = { username: "u", password: "p" };
    const plan = { ...planOf("2.1.1", 1, sasl), zookeeper: { port: 6001, directory: "/c/zookeeper" } };
    const properties = brokerProperties(plan, nodeOf(plan, 0));
    expect(properties).toMatchObject({
      "broker.id": "1",
      "zookeeper.connect": "127.0.0.1:6001",
      "inter.broker.listener.name": "INTERNAL",
      "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
    });
    expect(JSON.stringify(properties)).not.toMatch(/CONTROLLER|controller|process\.roles|node\.id|share/);
  });

  it("gives clients SASL_SSL and brokers a listener of their own", () => {
    const plan = planOf("4.4.0", 3, { username: "u", password: "p", keystoreFile: "/c/keystore.pem" });
    expect(brokerProperties(plan, nodeOf(plan, 2))).toMatchObject({
      listeners: "SASL_SSL://127.0.0.1:1003,INTERNAL://127.0.0.1:3003,CONTROLLER://127.0.0.1:2003",
      "advertised.listeners": "SASL_SSL://localhost:1003,INTERNAL://127.0.0.1:3003",
      "inter.broker.listener.name": "INTERNAL",
      "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
      "ssl.keystore.location": "/c/keystore.pem",
    });
    const args = formatArguments(plan, nodeOf(plan, 2));
    expect(args).toContain("SCRAM-SHA-256=[name=u,password=p]");
    expect(args).toContain("SCRAM-SHA-512=[name=u,password=p]");
  });

  it("tells clients a proxy's port, and lets brokers talk past it", () => {
    const plan = planOf("4.4.0", 3);
    const node = { ...nodeOf(plan, 1), internalPort: 3002, advertisedPort: 4002 };
    expect(brokerProperties(plan, node)).toMatchObject({
      listeners: "PLAINTEXT://127.0.0.1:1002,INTERNAL://127.0.0.1:3002,CONTROLLER://127.0.0.1:2002",
      "advertised.listeners": "PLAINTEXT://127.0.0.1:4002,INTERNAL://127.0.0.1:3002",
      "inter.broker.listener.name": "INTERNAL",
    });
  });

  it("adds listeners with properties of their own", () => {
    const plan = planOf("4.4.0", 1);
    const listener = {
      name: "MUTUAL",
      securityProtocol: "SSL",
      properties: { "ssl.client.auth": "required" },
    } as const;
    const node = { ...nodeOf(plan, 0), listeners: [{ ...listener, port: 5001 }] };
    expect(brokerProperties(plan, node)).toMatchObject({
      listeners: "PLAINTEXT://127.0.0.1:1001,CONTROLLER://127.0.0.1:2001,MUTUAL://127.0.0.1:5001",
      "advertised.listeners": "PLAINTEXT://127.0.0.1:1001,MUTUAL://localhost:5001",
      "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,MUTUAL:SSL",
      "listener.name.mutual.ssl.client.auth": "required",
    });
  });

  it("lets the caller's properties win", () => {
    const plan = { ...planOf("4.4.0", 1), properties: { "num.io.threads": "9", "log.segment.bytes": "1" } };
    expect(brokerProperties(plan, nodeOf(plan, 0))).toMatchObject({
      "num.io.threads": "9",
      "log.segment.bytes": "1",
    });
  });

  it("escapes as Java's properties do", () => {
    expect(renderProperties({ "a b": " c\\d\ne", ü: "=:#" })).toBe("a\\ b=\\ c\\\\d\\ne\n\\u00fc==:#\n");
  });
});

describe("versions", () => {
  it("compares by number", () => {
    expect(compareVersions("3.10.0", "3.9.1")).toBeGreaterThan(0);
    expect(compareVersions("4.0.0", "4.0.0")).toBe(0);
    expect(compareVersions("3.9.1", "4.0.0")).toBeLessThan(0);
    expect(checkKafkaVersion("4.4.0")).toBe("4.4.0");
    expect(checkKafkaVersion("2.1.0")).toBe("2.1.0");
    expect(["2.1.1", "2.8.2", "3.9.0"].map(needsZooKeeper)).toEqual([true, true, false]);
  });

  it("understands what java -version says", () => {
    expect(javaMajorVersion('openjdk version "17.0.15" 2025-04-15')).toBe(17);
    expect(javaMajorVersion('java version "1.8.0_402"')).toBe(8);
    expect(javaMajorVersion('openjdk version "25" 2025-09-16')).toBe(25);
    expect(javaMajorVersion("command not found")).toBeUndefined();
  });
});

describe("ports", () => {
  it("are distinct, free and not the system's to give away", async () => {
    const ports = await chooseFreePorts(9, "127.0.0.1");
    expect(new Set(ports).size).toBe(9);
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(20_000);
      expect(port).toBeLessThan(32_000);
    }
  });
});

describe("probe", () => {
  it.each([
    ["HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", "not Kafka"],
    ["another correlation id", "\0\0\0\u0008\0\0\0\0\0\0\0\0", "not Kafka"],
    ["a response that is cut off", "\0\0\0\u0006\0\0kw\0\0", /range|bounds/i],
  ])("does not take %s for a broker", async (_, answer, message) => {
    await withServer(answer, async (port) => {
      await expect(fetchClusterView("127.0.0.1", port, 2_000)).rejects.toThrow(message);
    });
  });

  it("gives up on silence", async () => {
    await withServer("", async (port) => {
      await expect(fetchClusterView("127.0.0.1", port, 100)).rejects.toThrow("no answer within 100 ms");
    });
  });
});

describe("run", () => {
  it("gives input, output and exit code", async () => {
    const { code, stdout, stderr } = await run("/bin/sh", ["-c", "cat; echo no >&2; exit 3"], {
      input: "in",
    });
    expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 3, stdout: "in", stderr: "no\n" });
  });

  it("ends the command when aborted or late", async () => {
    await expect(run("sleep", ["60"], { timeoutMs: 50 })).rejects.toThrow("did not end within 50 ms");
    const abort = new AbortController();
    const running = run("sleep", ["60"], { signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    await expect(run("/does/not/exist", [])).rejects.toThrow("could not run /does/not/exist");
  });
});

describe("lock", () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "lock-"));
    file = join(directory, "lock");
  });
  afterEach(() => rm(directory, { recursive: true }));

  const lock = (work: () => Promise<void>, onWait = () => {}, signal?: AbortSignal) =>
    withLock(file, signal, onWait, work);

  it("lets one in at a time", async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
    };
    await Promise.all([lock(work), lock(work), lock(work)]);
    expect(most).toBe(1);
    await expect(stat(file)).rejects.toThrow("ENOENT");
  });

  it("is released when the work fails", async () => {
    await expect(lock(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    await lock(async () => {});
  });

  it("is taken over from a holder that was killed", async () => {
    await writeFile(file, "dead");
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(file, longAgo, longAgo);
    let done = false;
    await lock(async () => {
      done = true;
    });
    expect(done).toBe(true);
  });

  it("is waited for until the signal aborts", async () => {
    await writeFile(file, "alive");
    const abort = new AbortController();
    const waiting = lock(
      async () => {},
      () => abort.abort(new Error("enough")),
      abort.signal,
    );
    await expect(waiting).rejects.toThrow("enough");
  });
});

function planOf(kafkaVersion: string, brokers: number, sasl?: ClusterPlan["sasl"]): ClusterPlan {
  const nodes = Array.from({ length: brokers }, (_, i) => ({
    nodeId: i + 1,
    clientPort: 1001 + i,
    controllerPort: 2001 + i,
    ...(sasl === undefined ? {} : { internalPort: 3001 + i }),
    directory: `/c/node-${i + 1}`,
    directoryId: `dir-${i + 1}`,
  }));
  return {
    kafkaVersion,
    clusterId: "cluster",
    security: sasl === undefined ? "plaintext" : "sasl_ssl",
    autoCreateTopics: false,
    properties: {},
    nodes,
    ...(sasl === undefined ? {} : { sasl }),
  };
}

function nodeOf(plan: ClusterPlan, index: number): NodePlan {
  const node = plan.nodes[index];
  if (node === undefined) throw new Error(`the plan has no node ${index}`);
  return node;
}

/** A server that answers every connection with the same bytes, or none. */
async function withServer(answer: string, work: (port: number) => Promise<void>): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    if (answer !== "") socket.write(Buffer.from(answer, "latin1"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  try {
    await work(address.port);
  } finally {
    server.close();
  }
}
